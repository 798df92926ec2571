import { type CallOptions, call } from './call.js';
import type { NativeDomain } from './native-domain.js';
import { type LaunchSecret, launchSecuritySchema } from './param-schemas.js';
import { nestParams, toParams } from './typed-params.js';

/** What a guest with encrypted memory says of its launch. */
export interface LaunchSecurity {
  readonly sevMeasurement?: string;
  readonly sevApiMajor?: number;
  readonly sevApiMinor?: number;
  readonly sevBuildId?: number;
  readonly sevPolicy?: number;
}

/** How a domain is confined, and what is known of its encrypted memory. */
export class DomainSecurity {
  readonly #native: NativeDomain;

  /** @internal */
  constructor(native: NativeDomain) {
    this.#native = native;
  }

  /** The labels of its process, one per security driver. */
  async labels(options: CallOptions = {}): Promise<{ label: string; enforcing: boolean }[]> {
    return call(options.signal, (token) => this.#native.securityLabels(token));
  }

  /** What tells the owner of an encrypted guest that it started as it should. */
  async launch(options: CallOptions = {}): Promise<LaunchSecurity> {
    const params = await call(options.signal, (token) => this.#native.launchSecurity(0, token));
    return nestParams(params) as LaunchSecurity;
  }

  /** Hands the guest its secret, before it runs. */
  async setLaunchSecret(secret: LaunchSecret, options: CallOptions = {}): Promise<void> {
    const list = toParams(launchSecuritySchema, secret);
    return call(options.signal, (token) => this.#native.setLaunchSecurity(list, 0, token));
  }
}
