import { type CallOptions, call } from './call.js';
import { LibvirtError } from './errors.js';
import {
  checkpointCreateBits,
  checkpointListBits,
  checkpointXmlBits,
  type FlagOptions,
  savedXmlBits,
  snapshotCreateBits,
  snapshotDeleteBits,
  snapshotListBits,
  snapshotRevertBits,
  toFlags,
} from './flags.js';
import type { NativeDomain } from './native-domain.js';

/** Gives `null` where libvirt says that there is none, unless the look-up itself says so. */
async function orNull<T>(found: Promise<T>): Promise<T | null> {
  try {
    return await found;
  } catch (error) {
    const isNone = error instanceof LibvirtError && /^NO_DOMAIN_(SNAP|CHECK)/.test(error.code);
    if (isNone && error.call.endsWith('GetParent')) return null;
    throw error;
  }
}

/** A domain's snapshots, by name. */
export class DomainSnapshots {
  readonly #native: NativeDomain;

  /** @internal */
  constructor(native: NativeDomain) {
    this.#native = native;
  }

  /** Takes a snapshot that the XML of a `<domainsnapshot>` describes; gives its name. */
  async create(
    xml = '<domainsnapshot/>',
    options: FlagOptions<typeof snapshotCreateBits> = {},
  ): Promise<string> {
    const flags = toFlags(snapshotCreateBits, options);
    return call(options.signal, (token) => this.#native.createSnapshot(xml, flags, token));
  }

  /** The names of the snapshots. */
  async list(options: FlagOptions<typeof snapshotListBits> = {}): Promise<string[]> {
    const flags = toFlags(snapshotListBits, options);
    return call(options.signal, (token) => this.#native.snapshots(flags, token));
  }

  /** How many snapshots there are. */
  async count(options: FlagOptions<typeof snapshotListBits> = {}): Promise<number> {
    const flags = toFlags(snapshotListBits, options);
    return call(options.signal, (token) => this.#native.snapshotCount(flags, token));
  }

  /** The one that the domain goes back to when none is named; `null` without one. */
  async current(options: CallOptions = {}): Promise<string | null> {
    const some = await call(options.signal, (token) => this.#native.hasCurrentSnapshot(0, token));
    if (!some) return null;
    return call(options.signal, (token) => this.#native.currentSnapshot(0, token));
  }

  /** Whether it is the one that the domain was last in. */
  async isCurrent(name: string, options: CallOptions = {}): Promise<boolean> {
    return call(options.signal, (token) => this.#native.isCurrentSnapshot(name, 0, token));
  }

  /** Whether libvirt keeps a description of it, which stands in the way of `undefine`. */
  async hasMetadata(name: string, options: CallOptions = {}): Promise<boolean> {
    return call(options.signal, (token) => this.#native.snapshotHasMetadata(name, 0, token));
  }

  /** The description of one. */
  async xml(name: string, options: FlagOptions<typeof savedXmlBits> = {}): Promise<string> {
    const flags = toFlags(savedXmlBits, options);
    return call(options.signal, (token) => this.#native.snapshotXml(name, flags, token));
  }

  /** `null` for one that has no parent. */
  async parent(name: string, options: CallOptions = {}): Promise<string | null> {
    return orNull(call(options.signal, (token) => this.#native.snapshotParent(name, 0, token)));
  }

  /** The names of those that were made from one. */
  async children(
    name: string,
    options: FlagOptions<typeof snapshotListBits> = {},
  ): Promise<string[]> {
    const flags = toFlags(snapshotListBits, options);
    return call(options.signal, (token) => this.#native.snapshotChildren(name, flags, token));
  }

  /** How many were made from one. */
  async countChildren(
    name: string,
    options: FlagOptions<typeof snapshotListBits> = {},
  ): Promise<number> {
    const flags = toFlags(snapshotListBits, options);
    return call(options.signal, (token) => this.#native.snapshotChildCount(name, flags, token));
  }

  /** Brings the domain back to a snapshot; what came after it is lost. */
  async revert(name: string, options: FlagOptions<typeof snapshotRevertBits> = {}): Promise<void> {
    const flags = toFlags(snapshotRevertBits, options);
    return call(options.signal, (token) => this.#native.revertToSnapshot(name, flags, token));
  }

  /** Deletes one. */
  async delete(name: string, options: FlagOptions<typeof snapshotDeleteBits> = {}): Promise<void> {
    const flags = toFlags(snapshotDeleteBits, options);
    return call(options.signal, (token) => this.#native.deleteSnapshot(name, flags, token));
  }
}

/** A domain's checkpoints, from which incremental backups start, by name. */
export class DomainCheckpoints {
  readonly #native: NativeDomain;

  /** @internal */
  constructor(native: NativeDomain) {
    this.#native = native;
  }

  /** Makes a checkpoint that the XML of a `<domaincheckpoint>` describes; gives its name. */
  async create(
    xml = '<domaincheckpoint/>',
    options: FlagOptions<typeof checkpointCreateBits> = {},
  ): Promise<string> {
    const flags = toFlags(checkpointCreateBits, options);
    return call(options.signal, (token) => this.#native.createCheckpoint(xml, flags, token));
  }

  /** The names of the checkpoints. */
  async list(options: FlagOptions<typeof checkpointListBits> = {}): Promise<string[]> {
    const flags = toFlags(checkpointListBits, options);
    return call(options.signal, (token) => this.#native.checkpoints(flags, token));
  }

  /** The description of one. */
  async xml(name: string, options: FlagOptions<typeof checkpointXmlBits> = {}): Promise<string> {
    const flags = toFlags(checkpointXmlBits, options);
    return call(options.signal, (token) => this.#native.checkpointXml(name, flags, token));
  }

  /** `null` for one that has no parent. */
  async parent(name: string, options: CallOptions = {}): Promise<string | null> {
    return orNull(call(options.signal, (token) => this.#native.checkpointParent(name, 0, token)));
  }

  /** The names of those that follow one. */
  async children(
    name: string,
    options: FlagOptions<typeof checkpointListBits> = {},
  ): Promise<string[]> {
    const flags = toFlags(checkpointListBits, options);
    return call(options.signal, (token) => this.#native.checkpointChildren(name, flags, token));
  }

  /** Deletes one; a later one takes over what it recorded. */
  async delete(name: string, options: FlagOptions<typeof snapshotDeleteBits> = {}): Promise<void> {
    const flags = toFlags(snapshotDeleteBits, options);
    return call(options.signal, (token) => this.#native.deleteCheckpoint(name, flags, token));
  }
}
