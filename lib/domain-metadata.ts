import { call } from './call.js';
import { type MetadataKind, type MetadataOptions, metadataKinds } from './domain-options.js';
import { LibvirtError } from './errors.js';
import { impactBits, toFlags } from './flags.js';
import { numberOf } from './names.js';
import type { NativeDomain } from './native-domain.js';

/** What a domain carries for its users: a title, a description, elements in their namespaces. */
export class DomainMetadata {
  readonly #native: NativeDomain;

  /** @internal */
  constructor(native: NativeDomain) {
    this.#native = native;
  }

  /** The text, or with a namespace the element; `null` without one. */
  async get(kind: MetadataKind, options: MetadataOptions = {}): Promise<string | null> {
    const type = numberOf('kind', metadataKinds, kind);
    const { uri = null } = options;
    const flags = toFlags(impactBits, options);
    try {
      return await call(options.signal, (token) => this.#native.metadata(type, uri, flags, token));
    } catch (error) {
      if (error instanceof LibvirtError && error.code === 'NO_DOMAIN_METADATA') return null;
      throw error;
    }
  }

  /** Sets it; `null` removes it. */
  async set(
    kind: MetadataKind,
    metadata: string | null,
    options: MetadataOptions = {},
  ): Promise<void> {
    const type = numberOf('kind', metadataKinds, kind);
    const { key = null, uri = null } = options;
    const flags = toFlags(impactBits, options);
    return call(options.signal, (token) =>
      this.#native.setMetadata(type, metadata, key, uri, flags, token),
    );
  }
}
