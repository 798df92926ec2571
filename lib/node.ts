import { type CallOptions, call } from './call.js';
import { sleepTargets } from './domain-options.js';
import { allocatePagesBits, type FlagOptions, toFlags } from './flags.js';
import { numberOf } from './names.js';
import type { NativeConnection } from './native-connection.js';
import { type NodeMemoryParams, nodeMemorySchema } from './param-schemas.js';
import { fromParams, nestParams, toParams } from './typed-params.js';

/** `VIR_NODE_MEMORY_STATS_ALL_CELLS` and `VIR_NODE_CPU_STATS_ALL_CPUS` */
const all = -1;

/** `virNodeInfo`: the host in brief. */
export interface NodeInfo {
  /** The architecture, such as `x86_64`. */
  readonly model: string;
  readonly memoryKib: number;
  /** Processors in use. */
  readonly cpus: number;
  /** 0 when it is not known. */
  readonly mhz: number;
  /** NUMA cells; with odd topologies 1, and the numbers below are made to fit `cpus`. */
  readonly nodes: number;
  /** Per cell. */
  readonly sockets: number;
  /** Per socket. */
  readonly cores: number;
  /** Per core. */
  readonly threads: number;
}

/** The host's memory in KiB. */
export interface NodeMemoryStats {
  readonly total?: number;
  readonly free?: number;
  readonly buffers?: number;
  readonly cached?: number;
}

/** The host's processor time since it booted, in nanoseconds. */
export interface NodeCpuStats {
  readonly kernel?: number;
  readonly user?: number;
  readonly idle?: number;
  readonly iowait?: number;
  readonly intr?: number;
  /** Percent, where the hypervisor gives nothing else. */
  readonly utilization?: number;
}

/** Which NUMA cells are meant. */
export interface CellOptions extends CallOptions {
  /** The first (0). */
  readonly firstCell?: number | undefined;
  /** How many (1). */
  readonly cells?: number | undefined;
}

/** The host of a connection: its processors and its memory. */
export class HostNode {
  readonly #native: NativeConnection;

  /** @internal */
  constructor(native: NativeConnection) {
    this.#native = native;
  }

  /** The processors, how they are built, and the memory of the host. */
  async info(options: CallOptions = {}): Promise<NodeInfo> {
    return call(options.signal, (token) => this.#native.nodeInfo(token));
  }

  /** Of one NUMA cell, or of all. */
  async memoryStats(
    options: CallOptions & { readonly cell?: number | undefined } = {},
  ): Promise<NodeMemoryStats> {
    const { cell = all } = options;
    const stats = await call(options.signal, (token) => this.#native.nodeMemoryStats(cell, token));
    return nestParams(stats) as NodeMemoryStats;
  }

  /** Of one processor, or of all. */
  async cpuStats(
    options: CallOptions & { readonly cpu?: number | undefined } = {},
  ): Promise<NodeCpuStats> {
    const { cpu = all } = options;
    const stats = await call(options.signal, (token) => this.#native.nodeCpuStats(cpu, token));
    return nestParams(stats) as NodeCpuStats;
  }

  /** Free memory of the whole host, in bytes. */
  async freeMemoryBytes(options: CallOptions = {}): Promise<number> {
    return call(options.signal, (token) => this.#native.nodeFreeMemory(token));
  }

  /** For each cell how many bytes are free. */
  async cellsFreeMemoryBytes(options: CellOptions = {}): Promise<number[]> {
    const { firstCell = 0, cells = 1, signal } = options;
    return call(signal, (token) => this.#native.cellsFreeMemory(firstCell, cells, token));
  }

  /** For each cell how many pages of each size are free. */
  async freePages(sizesKib: readonly number[], options: CellOptions = {}): Promise<number[][]> {
    const { firstCell = 0, cells = 1, signal } = options;
    return call(signal, (token) => this.#native.freePages(sizesKib, firstCell, cells, token));
  }

  /** Adds huge pages to the host's pool, or with `set` makes it that large; the cells changed. */
  async allocatePages(
    sizeKib: number,
    pages: number,
    options: CellOptions & FlagOptions<typeof allocatePagesBits> = {},
  ): Promise<number> {
    const { firstCell = 0, cells = 1, signal } = options;
    const flags = toFlags(allocatePagesBits, options);
    return call(signal, (token) =>
      this.#native.allocatePages(sizeKib, pages, firstCell, cells, flags, token),
    );
  }

  /** How many processors there are, and the numbers of those in use. */
  async cpuMap(options: CallOptions = {}): Promise<{ cpus: number; online: number[] }> {
    return call(options.signal, (token) => this.#native.cpuMap(token));
  }

  /** What confines the domains' processes: `apparmor`, `selinux`, `none`. */
  async securityModel(options: CallOptions = {}): Promise<{ model: string; doi: string }> {
    return call(options.signal, (token) => this.#native.securityModel(token));
  }

  /** What AMD's encrypted memory can do here; libvirt's fields in camel case. */
  async sevInfo(options: CallOptions = {}): Promise<Readonly<Record<string, string | number>>> {
    const params = await call(options.signal, (token) => this.#native.sevInfo(0, token));
    return nestParams(params) as Readonly<Record<string, string | number>>;
  }

  /** How the host merges equal pages (KSM). */
  async memoryParameters(options: CallOptions = {}): Promise<NodeMemoryParams> {
    const { signal } = options;
    const params = await call(signal, (token) => this.#native.nodeMemoryParameters(0, token));
    return fromParams(nodeMemorySchema, params);
  }

  /** Sets how the host merges equal pages; what is left out stays as it is. */
  async setMemoryParameters(params: NodeMemoryParams, options: CallOptions = {}): Promise<void> {
    const list = toParams(nodeMemorySchema, params);
    return call(options.signal, (token) => this.#native.setNodeMemoryParameters(list, 0, token));
  }

  /** Has the host itself sleep, and wake up after so many seconds (at least 60). */
  async suspend(
    target: (typeof sleepTargets)[number],
    durationSeconds: number,
    options: CallOptions = {},
  ): Promise<void> {
    const number = numberOf('target', sleepTargets, target);
    return call(options.signal, (token) =>
      this.#native.suspendNode(number, durationSeconds, 0, token),
    );
  }
}
