import { type CallOptions, call } from './call.js';
import { baselineCpuBits, compareCpuBits, type FlagOptions, toFlags } from './flags.js';
import { nameOf } from './names.js';
import type { NativeConnection } from './native-connection.js';

/** `virCPUCompareResult` */
const comparisons = ['incompatible', 'identical', 'superset'] as const;

/** What a CPU is to that of the host: `superset` is a host that can do more. */
export type CpuComparison = (typeof comparisons)[number] | 'unknown';

/** Which hypervisor is meant; what is left out, libvirt chooses. */
export interface CpuKind {
  readonly emulator?: string | undefined;
  readonly arch?: string | undefined;
  readonly machine?: string | undefined;
  readonly virtType?: string | undefined;
}

const kindOf = ({ emulator, arch, machine, virtType }: CpuKind) =>
  [emulator ?? null, arch ?? null, machine ?? null, virtType ?? null] as const;

/** CPU models and how they fit. */
export class HypervisorCpus {
  readonly #native: NativeConnection;

  /** @internal */
  constructor(native: NativeConnection) {
    this.#native = native;
  }

  /** The models of an architecture such as `x86_64`. */
  async models(arch: string, options: CallOptions = {}): Promise<string[]> {
    return call(options.signal, (token) => this.#native.cpuModels(arch, 0, token));
  }

  /** Compares the CPU of this XML with the host's. */
  async compare(
    xml: string,
    options: FlagOptions<typeof compareCpuBits> = {},
  ): Promise<CpuComparison> {
    const flags = toFlags(compareCpuBits, options);
    const result = await call(options.signal, (token) =>
      this.#native.compareCpu(xml, flags, token),
    );
    return nameOf(comparisons, result);
  }

  /** Compares the CPU of this XML with what the hypervisor can give a guest. */
  async compareHypervisor(
    xml: string,
    options: FlagOptions<typeof compareCpuBits> & CpuKind = {},
  ): Promise<CpuComparison> {
    const flags = toFlags(compareCpuBits, options);
    const result = await call(options.signal, (token) =>
      this.#native.compareHypervisorCpu(...kindOf(options), xml, flags, token),
    );
    return nameOf(comparisons, result);
  }

  /** The richest CPU that all of these hosts can give, as XML. */
  async baseline(
    xmls: readonly string[],
    options: FlagOptions<typeof baselineCpuBits> = {},
  ): Promise<string> {
    const flags = toFlags(baselineCpuBits, options);
    return call(options.signal, (token) => this.#native.baselineCpu(xmls, flags, token));
  }

  /** The richest CPU that the hypervisor can give on all of these hosts, as XML. */
  async baselineHypervisor(
    xmls: readonly string[],
    options: FlagOptions<typeof baselineCpuBits> & CpuKind = {},
  ): Promise<string> {
    const flags = toFlags(baselineCpuBits, options);
    return call(options.signal, (token) =>
      this.#native.baselineHypervisorCpu(...kindOf(options), xmls, flags, token),
    );
  }
}
