import { onAbort, sleep } from './abort.js';
import { type CallOptions, call } from './call.js';
import type { MemoryStats } from './domain-answers.js';
import type { ImpactOptions } from './domain-options.js';
import { dirtyRateBits, type FlagOptions, impactBits, memoryBits, toFlags } from './flags.js';
import type { NativeDomain } from './native-domain.js';
import { runQmp } from './qmp.js';
import type { QmpCommands } from './qmp-commands.js';
import { readMemoryDevices, requestedXml, type VirtioMemXml } from './virtio-mem-xml.js';

/** How often a size is looked at. A look takes a millisecond. */
const pollMs = 2;
const defaultTimeoutMs = 30_000;
/** How long a look that has begun in time may take after it, until the monitor counts as silent. */
const answerMs = 1000;

const currentXml = 0;
const live = impactBits.live;

/** `virDomainMemoryFlags` */
const peekBits = { virtual: 1, physical: 2 } as const;

/** How long to wait for a size. */
export interface SettleOptions extends CallOptions {
  /** 30 seconds when left out. A monitor that does not answer is given up a second later. */
  readonly timeoutMs?: number | undefined;
}

/** The guest has not come to a size in time, or QEMU has not told; what is known is told. */
export class SettleTimeoutError extends Error {
  readonly code = 'SETTLE_TIMEOUT';
  /** The size that was waited for. */
  readonly targetKib: number;
  /** The size that was seen last; null where QEMU's monitor never answered. */
  readonly currentKib: number | null;

  constructor(what: string, targetKib: number, currentKib: number | null, timeoutMs: number) {
    const seen = currentKib === null ? 'a size that QEMU does not tell' : `${currentKib} KiB`;
    super(`${what} has ${seen}, not ${targetKib} KiB, after ${timeoutMs} ms`);
    this.name = 'SettleTimeoutError';
    this.targetKib = targetKib;
    this.currentKib = currentKib;
  }
}

/** The longest that a timer of Node.js runs. */
const longestTimeoutMs = 2 ** 31 - 1 - answerMs;

function checkTimeout(timeoutMs: number): void {
  if (timeoutMs >= 0 && timeoutMs <= longestTimeoutMs) return;
  throw new RangeError(`timeoutMs must be from 0 to ${longestTimeoutMs}, not ${timeoutMs}`);
}

/** Looks every few milliseconds until a size is the target; gives the size. */
async function settle(
  what: string,
  targetKib: number,
  read: (signal: AbortSignal) => Promise<number>,
  { signal, timeoutMs = defaultTimeoutMs }: SettleOptions,
): Promise<number> {
  checkTimeout(timeoutMs);
  signal?.throwIfAborted();
  let currentKib: number | null = null;
  const late = () => new SettleTimeoutError(what, targetKib, currentKib, timeoutMs);
  const deadlineMs = performance.now() + timeoutMs;
  const ended = new AbortController();
  const timer = setTimeout(() => ended.abort(late()), timeoutMs + answerMs);
  const forget =
    signal === undefined ? undefined : onAbort(signal, () => ended.abort(signal.reason));
  try {
    for (;;) {
      currentKib = await read(ended.signal);
      if (currentKib === targetKib) return currentKib;
      if (performance.now() >= deadlineMs) throw late();
      await sleep(pollMs, ended.signal);
    }
  } finally {
    clearTimeout(timer);
    forget?.();
  }
}

/** A virtio-mem device: memory that is plugged into a guest, and taken from it, in blocks. */
export class VirtioMem {
  readonly alias: string;
  /** The most that it can have. */
  readonly sizeKib: number;
  readonly blockKib: number;
  /** What was asked for, and what the guest had plugged, when the device was read. */
  readonly requestedKib: number;
  readonly currentKib: number;
  readonly #native: NativeDomain;

  /** @internal */
  constructor(native: NativeDomain, device: VirtioMemXml) {
    this.#native = native;
    this.alias = device.alias;
    this.sizeKib = device.sizeKib;
    this.blockKib = device.blockKib;
    this.requestedKib = device.requestedKib;
    this.currentKib = device.currentKib;
  }

  /** Asks the guest for a size, a multiple of `blockKib`; does not wait for it. */
  async setRequested(requestedKib: number, options: CallOptions = {}): Promise<void> {
    const fits = requestedKib % this.blockKib === 0;
    if (!fits || requestedKib < 0 || requestedKib > this.sizeKib) {
      throw new RangeError(
        `requestedKib must be a multiple of ${this.blockKib} from 0 to ${this.sizeKib}, ` +
          `not ${requestedKib}`,
      );
    }
    const { signal } = options;
    const now = await call(signal, (token) => this.#native.xml(currentXml, token));
    const xml = requestedXml(now, this.alias, requestedKib);
    await call(signal, (token) => this.#native.updateDevice(xml, live, token));
  }

  /** What the guest has plugged now, by QEMU's word: libvirt's may be a second old. */
  async readCurrentKib(options: CallOptions = {}): Promise<number> {
    const query = 'query-memory-devices';
    type Answer = QmpCommands[typeof query]['answer'];
    const devices = await runQmp<Answer>(this.#native, query, {}, options);
    const device = devices.find(({ data }) => data.id === this.alias);
    if (device === undefined) throw new Error(`the domain has no memory device ${this.alias}`);
    return device.data.size / 1024;
  }

  /**
   * Waits until the guest has plugged exactly this much; gives the size. It asks QEMU every few
   * milliseconds and waits for no event, of which QEMU sends one a second. A guest that cannot get
   * there stays where it is: that is a `SettleTimeoutError`, and says how far it came.
   */
  async settled(targetKib: number, options: SettleOptions = {}): Promise<number> {
    return settle(
      `memory device ${this.alias}`,
      targetKib,
      (signal) => this.readCurrentKib({ signal }),
      options,
    );
  }
}

/** The balloon: pages that the guest does not use because the host asked for them. */
export class Balloon {
  readonly #native: NativeDomain;

  /** @internal */
  constructor(native: NativeDomain) {
    this.#native = native;
  }

  /** What the balloon leaves the guest. */
  async readCurrentKib(options: CallOptions = {}): Promise<number> {
    type Answer = QmpCommands['query-balloon']['answer'];
    const { actual } = await runQmp<Answer>(this.#native, 'query-balloon', {}, options);
    return actual / 1024;
  }

  /** Asks the guest to keep only this much; does not wait for it. */
  async setTarget(targetKib: number, options: CallOptions = {}): Promise<void> {
    await call(options.signal, (token) => this.#native.setMemory(targetKib, live, token));
  }

  /** Waits until the guest has exactly this much; as `VirtioMem.settled`. */
  async settled(targetKib: number, options: SettleOptions = {}): Promise<number> {
    const read = (signal: AbortSignal) => this.readCurrentKib({ signal });
    return settle('the balloon', targetKib, read, options);
  }
}

/** A domain's memory. Sizes are KiB. */
export class DomainMemory {
  readonly balloon: Balloon;
  readonly #native: NativeDomain;

  /** @internal */
  constructor(native: NativeDomain) {
    this.#native = native;
    this.balloon = new Balloon(native);
  }

  /** Sets the current size, which is the balloon's target in a running domain. */
  async set(memoryKib: number, options: ImpactOptions = {}): Promise<void> {
    const flags = toFlags(impactBits, options);
    return call(options.signal, (token) => this.#native.setMemory(memoryKib, flags, token));
  }

  /** Sets the most memory that it can have; of a running domain, in its definition alone. */
  async setMax(memoryKib: number, options: ImpactOptions = {}): Promise<void> {
    const flags = toFlags(memoryBits, { ...options, maximum: true });
    return call(options.signal, (token) => this.#native.setMemory(memoryKib, flags, token));
  }

  /** The most memory that it can have. */
  async maxKib(options: CallOptions = {}): Promise<number> {
    return call(options.signal, (token) => this.#native.maxMemoryKib(token));
  }

  /** What the guest's balloon driver and the host tell of its memory. */
  async stats(options: CallOptions = {}): Promise<MemoryStats> {
    return call(options.signal, (token) => this.#native.memoryStats(token));
  }

  /** How often the guest's balloon driver reports, in seconds; 0 stops it. */
  async setStatsPeriod(seconds: number, options: ImpactOptions = {}): Promise<void> {
    const flags = toFlags(impactBits, options);
    return call(options.signal, (token) =>
      this.#native.setMemoryStatsPeriod(seconds, flags, token),
    );
  }

  /** The virtio-mem devices, as libvirt knows them now. */
  async devices(options: CallOptions = {}): Promise<VirtioMem[]> {
    const xml = await call(options.signal, (token) => this.#native.xml(currentXml, token));
    return readMemoryDevices(xml).map((device) => new VirtioMem(this.#native, device));
  }

  /** One virtio-mem device; an alias that the domain lacks is a `RangeError`. */
  async device(alias: string, options: CallOptions = {}): Promise<VirtioMem> {
    const devices = await this.devices(options);
    const device = devices.find((one) => one.alias === alias);
    if (device !== undefined) return device;
    const aliases = devices.map((one) => one.alias).join(', ') || 'none';
    throw new RangeError(`alias must be that of a virtio-mem device (${aliases}), not ${alias}`);
  }

  /** Reads the guest's memory, by physical address unless `virtual` is asked for. */
  async peek(
    start: number,
    sizeBytes: number,
    options: CallOptions & { readonly virtual?: boolean } = {},
  ): Promise<Buffer> {
    const flags = options.virtual === true ? peekBits.virtual : peekBits.physical;
    return call(options.signal, (token) => this.#native.memoryPeek(start, sizeBytes, flags, token));
  }

  /** Measures for some seconds how fast memory changes; `Connection.stats` has the result. */
  async startDirtyRate(
    seconds: number,
    options: FlagOptions<typeof dirtyRateBits> = {},
  ): Promise<void> {
    const flags = toFlags(dirtyRateBits, options);
    return call(options.signal, (token) => this.#native.startDirtyRate(seconds, flags, token));
  }
}
