import { type CallOptions, call } from './call.js';
import type { ImpactOptions } from './domain-options.js';
import {
  blockCommitBits,
  blockCopyBits,
  blockJobAbortBits,
  blockRebaseBits,
  blockResizeBits,
  type FlagOptions,
  impactBits,
  toFlags,
} from './flags.js';
import { nameOf } from './names.js';
import type { NativeDomain } from './native-domain.js';
import {
  type BlockCopyParams,
  blockCopySchema,
  type IoTune,
  ioTuneSchema,
} from './param-schemas.js';
import { fromParams, nestParams, toParams } from './typed-params.js';

/** `virDomainBlockJobType` */
export const blockJobTypes = [
  'unknown',
  'pull',
  'copy',
  'commit',
  'active-commit',
  'backup',
] as const;

/** The kind of a block job: `virDomainBlockJobType` by name. */
export type BlockJobType = (typeof blockJobTypes)[number];

/** The sizes of a disk's image, in bytes. */
export interface BlockInfo {
  /** What the guest sees. */
  readonly capacityBytes: number;
  /** What the image holds. */
  readonly allocationBytes: number;
  /** What it occupies on the host. */
  readonly physicalBytes: number;
}

/** What passed a disk since the domain started; times are in nanoseconds. */
export interface BlockStats {
  readonly rdBytes?: number;
  readonly rdOperations?: number;
  readonly rdTotalTimes?: number;
  readonly wrBytes?: number;
  readonly wrOperations?: number;
  readonly wrTotalTimes?: number;
  readonly flushOperations?: number;
  readonly flushTotalTimes?: number;
  readonly errs?: number;
}

/** A block job that runs; it is done when `current` reaches `end`. */
export interface BlockJobInfo {
  readonly type: BlockJobType;
  /** The limit of its speed in MiB per second; 0 is none. */
  readonly bandwidthMib: number;
  readonly current: number;
  readonly end: number;
}

/** How fast a block job may be. */
export interface BlockJobOptions extends CallOptions {
  /** MiB per second; 0 (as without it) is no limit. */
  readonly bandwidthMib?: number | undefined;
}

/** How a chain of images is committed. */
export interface CommitOptions extends FlagOptions<typeof blockCommitBits>, BlockJobOptions {
  /** The image that takes the data in, instead of the lowest. */
  readonly base?: string | undefined;
  /** The image whose data goes down, instead of the active one. */
  readonly top?: string | undefined;
}

/** How an image is rebased. */
export interface RebaseOptions extends FlagOptions<typeof blockRebaseBits>, BlockJobOptions {
  /** The image that stays below, instead of none. */
  readonly base?: string | undefined;
}

/** How a disk is copied. */
export type CopyOptions = FlagOptions<typeof blockCopyBits> & BlockCopyParams;

/** A disk of a domain, by its target (`vda`) or the path of its image. */
export class DomainDisk {
  readonly target: string;
  readonly #native: NativeDomain;

  /** @internal */
  constructor(native: NativeDomain, target: string) {
    this.#native = native;
    this.target = target;
  }

  /** Its size, and what it takes on the host. Sizes are bytes. */
  async info(options: CallOptions = {}): Promise<BlockInfo> {
    return call(options.signal, (token) => this.#native.blockInfo(this.target, token));
  }

  /** How much was read and written since the domain started. */
  async stats(options: CallOptions = {}): Promise<BlockStats> {
    const stats = await call(options.signal, (token) =>
      this.#native.blockStats(this.target, 0, token),
    );
    return nestParams(stats) as BlockStats;
  }

  /** Gives it another size; the guest sees it at once. */
  async resize(
    sizeBytes: number,
    options: Omit<FlagOptions<typeof blockResizeBits>, 'bytes'> = {},
  ): Promise<void> {
    const flags = toFlags(blockResizeBits, { ...options, bytes: true });
    return call(options.signal, (token) =>
      this.#native.resizeBlock(this.target, sizeBytes, flags, token),
    );
  }

  /** Reads what the guest would. */
  async peek(offsetBytes: number, sizeBytes: number, options: CallOptions = {}): Promise<Buffer> {
    return call(options.signal, (token) =>
      this.#native.blockPeek(this.target, offsetBytes, sizeBytes, token),
    );
  }

  /** Its limits on transfers. */
  async ioTune(options: ImpactOptions = {}): Promise<IoTune> {
    const flags = toFlags(impactBits, options);
    const params = await call(options.signal, (token) =>
      this.#native.blockIoTune(this.target, flags, token),
    );
    return fromParams(ioTuneSchema, params);
  }

  /** Sets limits on transfers; what is left out stays as it is. */
  async setIoTune(params: IoTune, options: ImpactOptions = {}): Promise<void> {
    const flags = toFlags(impactBits, options);
    const list = toParams(ioTuneSchema, params);
    return call(options.signal, (token) =>
      this.#native.setBlockIoTune(this.target, list, flags, token),
    );
  }

  /** Has a `block-threshold` event sent when a write passes this offset of the image. */
  async setThreshold(thresholdBytes: number, options: CallOptions = {}): Promise<void> {
    return call(options.signal, (token) =>
      this.#native.setBlockThreshold(this.target, thresholdBytes, 0, token),
    );
  }

  /** The job that runs on it; `null` when none does. */
  async job(options: CallOptions = {}): Promise<BlockJobInfo | null> {
    const info = await call(options.signal, (token) =>
      this.#native.blockJobInfo(this.target, 0, token),
    );
    if (info === null) return null;
    const { bandwidth, current, end } = info;
    return { type: nameOf(blockJobTypes, info.type), bandwidthMib: bandwidth, current, end };
  }

  /** Ends the job; with `pivot` the disk goes on with the copy. */
  async abortJob(options: FlagOptions<typeof blockJobAbortBits> = {}): Promise<void> {
    const flags = toFlags(blockJobAbortBits, options);
    return call(options.signal, (token) => this.#native.abortBlockJob(this.target, flags, token));
  }

  /** Limits how fast the block job runs, in MiB/s; 0 is no limit. */
  async setJobSpeed(bandwidthMib: number, options: CallOptions = {}): Promise<void> {
    return call(options.signal, (token) =>
      this.#native.setBlockJobSpeed(this.target, bandwidthMib, 0, token),
    );
  }

  /** Starts to copy the data of the images below into the active one. */
  async pull(options: BlockJobOptions = {}): Promise<void> {
    const { bandwidthMib = 0 } = options;
    return call(options.signal, (token) =>
      this.#native.blockPull(this.target, bandwidthMib, 0, token),
    );
  }

  /** Copies what lies below the disk into it, up to another base. */
  async rebase(options: RebaseOptions = {}): Promise<void> {
    const { base = null, bandwidthMib = 0 } = options;
    const flags = toFlags(blockRebaseBits, options);
    return call(options.signal, (token) =>
      this.#native.blockRebase(this.target, base, bandwidthMib, flags, token),
    );
  }

  /** Starts to copy the data of upper images into a lower one. */
  async commit(options: CommitOptions = {}): Promise<void> {
    const { base = null, top = null, bandwidthMib = 0 } = options;
    const flags = toFlags(blockCommitBits, options);
    return call(options.signal, (token) =>
      this.#native.blockCommit(this.target, base, top, bandwidthMib, flags, token),
    );
  }

  /** Starts to copy the disk to another, described by the XML of a `<disk>`. */
  async copy(xml: string, options: CopyOptions = {}): Promise<void> {
    const flags = toFlags(blockCopyBits, options);
    const list = toParams(blockCopySchema, pickCopyParams(options));
    return call(options.signal, (token) =>
      this.#native.blockCopy(this.target, xml, list, flags, token),
    );
  }
}

function pickCopyParams({
  bandwidth,
  granularityBytes,
  bufferBytes,
}: BlockCopyParams): BlockCopyParams {
  return { bandwidth, granularityBytes, bufferBytes };
}
