import { type CallOptions, call } from './call.js';
import { type FlagOptions, migrateBits, migrateSpeedBits, toFlags } from './flags.js';
import type { NativeDomain } from './native-domain.js';
import { type MigrationParams, migrationSchema } from './param-schemas.js';
import { toParams } from './typed-params.js';

/** How a domain migrates. */
export type MigrateOptions = FlagOptions<typeof migrateBits>;

/** Moving a running domain to another host. What steers it overtakes the call that runs it. */
export class DomainMigration {
  readonly #native: NativeDomain;

  /** @internal */
  constructor(native: NativeDomain) {
    this.#native = native;
  }

  /**
   * Migrates to the libvirt at a URI, with `peerToPeer`, or else to the hypervisor at `params.uri`,
   * with a null URI.
   */
  async toUri(
    uri: string | null,
    params: MigrationParams = {},
    options: MigrateOptions = {},
  ): Promise<void> {
    const flags = toFlags(migrateBits, options);
    const list = toParams(migrationSchema, params);
    return call(options.signal, (token) => this.#native.migrateToUri(uri, list, flags, token));
  }

  /** How long the guest may stand still while the rest is moved. */
  async maxDowntimeMs(options: CallOptions = {}): Promise<number> {
    return call(options.signal, (token) => this.#native.migrationMaxDowntimeMs(0, token));
  }

  /** Limits how long the guest may stand still at the end, in milliseconds. */
  async setMaxDowntime(downtimeMs: number, options: CallOptions = {}): Promise<void> {
    return call(options.signal, (token) =>
      this.#native.setMigrationMaxDowntime(downtimeMs, 0, token),
    );
  }

  /** MiB per second. */
  async maxSpeedMib(options: FlagOptions<typeof migrateSpeedBits> = {}): Promise<number> {
    const flags = toFlags(migrateSpeedBits, options);
    return call(options.signal, (token) => this.#native.migrationMaxSpeedMib(flags, token));
  }

  /** Limits the transfer, in MiB/s. */
  async setMaxSpeed(
    speedMib: number,
    options: FlagOptions<typeof migrateSpeedBits> = {},
  ): Promise<void> {
    const flags = toFlags(migrateSpeedBits, options);
    return call(options.signal, (token) =>
      this.#native.setMigrationMaxSpeed(speedMib, flags, token),
    );
  }

  /** The cache of the XBZRLE compression. */
  async cacheBytes(options: CallOptions = {}): Promise<number> {
    return call(options.signal, (token) => this.#native.migrationCacheBytes(0, token));
  }

  /** Sets the size of the cache that compresses pages which change often, in bytes. */
  async setCache(sizeBytes: number, options: CallOptions = {}): Promise<void> {
    return call(options.signal, (token) => this.#native.setMigrationCache(sizeBytes, 0, token));
  }

  /** Has the guest run at the destination at once; the rest of its memory follows. */
  async startPostCopy(options: CallOptions = {}): Promise<void> {
    return call(options.signal, (token) => this.#native.startPostCopy(0, token));
  }
}
