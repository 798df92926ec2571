import { type CallOptions, call } from './call.js';
import type { ImpactOptions } from './domain-options.js';
import { impactBits, toFlags } from './flags.js';
import type { NativeDomain } from './native-domain.js';
import type { Method, Token } from './native-types.js';
import {
  type BlkioParams,
  blkioSchema,
  type IoTune,
  ioTuneSchema,
  type MemoryLimits,
  memoryLimitsSchema,
  type NumaParams,
  numaSchema,
  type PerfEvents,
  perfEventsSchema,
  type SchedulerParams,
  schedulerSchema,
} from './param-schemas.js';
import {
  fromParams,
  type NativeParam,
  type NativeParams,
  type ParamSchema,
  type ParamsOf,
  toParams,
} from './typed-params.js';

async function read<S extends ParamSchema>(
  schema: S,
  get: Method<[flags: number], NativeParams>,
  options: ImpactOptions,
): Promise<ParamsOf<S>> {
  const flags = toFlags(impactBits, options);
  return fromParams(schema, await call(options.signal, (token) => get(flags, token)));
}

async function write<S extends ParamSchema>(
  schema: S,
  params: ParamsOf<S>,
  set: Method<[params: NativeParam[], flags: number]>,
  options: ImpactOptions,
): Promise<void> {
  const flags = toFlags(impactBits, options);
  const list = toParams(schema, params);
  return call(options.signal, (token) => set(list, flags, token));
}

/**
 * How the host shares its processors, memory and devices with a domain. What is read lacks the
 * parameters that the hypervisor does not know; what is set changes only those that are given.
 */
export class DomainTuning {
  readonly #native: NativeDomain;

  /** @internal */
  constructor(native: NativeDomain) {
    this.#native = native;
  }

  /** The kind of scheduler: `posix` with cgroups. */
  async schedulerType(options: CallOptions = {}): Promise<string> {
    return call(options.signal, (token) => this.#native.schedulerType(token));
  }

  /** Shares of processor time, and quotas of vCPUs, of the emulator and of I/O threads. */
  async scheduler(options: ImpactOptions = {}): Promise<SchedulerParams> {
    return read(
      schedulerSchema,
      // Without flags by the older function, the only one that libvirt's test driver has.
      (flags, token) =>
        flags === 0
          ? this.#native.schedulerParameters(token)
          : this.#native.schedulerParametersWith(flags, token),
      options,
    );
  }

  /** Sets shares and quotas; what is left out stays as it is. */
  async setScheduler(params: SchedulerParams, options: ImpactOptions = {}): Promise<void> {
    return write(
      schedulerSchema,
      params,
      (list, flags, token) =>
        flags === 0
          ? this.#native.setSchedulerParameters(list, token)
          : this.#native.setSchedulerParametersWith(list, flags, token),
      options,
    );
  }

  /** The limits that the host keeps on its memory, in KiB. */
  async memory(options: ImpactOptions = {}): Promise<MemoryLimits> {
    return read(memoryLimitsSchema, this.#native.memoryParameters.bind(this.#native), options);
  }

  /** Sets limits on memory; what is left out stays as it is. */
  async setMemory(params: MemoryLimits, options: ImpactOptions = {}): Promise<void> {
    const set = this.#native.setMemoryParameters.bind(this.#native);
    return write(memoryLimitsSchema, params, set, options);
  }

  /** Which of the host's NUMA nodes its memory comes from. */
  async numa(options: ImpactOptions = {}): Promise<NumaParams> {
    return read(numaSchema, this.#native.numaParameters.bind(this.#native), options);
  }

  /** Sets where memory comes from; what is left out stays as it is. */
  async setNuma(params: NumaParams, options: ImpactOptions = {}): Promise<void> {
    const set = this.#native.setNumaParameters.bind(this.#native);
    return write(numaSchema, params, set, options);
  }

  /** Weights and limits of its disks together, and of single devices of the host. */
  async blkio(options: ImpactOptions = {}): Promise<BlkioParams> {
    return read(blkioSchema, this.#native.blkioParameters.bind(this.#native), options);
  }

  /** Sets weights and limits; what is left out stays as it is. */
  async setBlkio(params: BlkioParams, options: ImpactOptions = {}): Promise<void> {
    const set = this.#native.setBlkioParameters.bind(this.#native);
    return write(blkioSchema, params, set, options);
  }

  /** Which events of the processor are counted for it. */
  async perfEvents(options: ImpactOptions = {}): Promise<PerfEvents> {
    return read(perfEventsSchema, this.#native.perfEvents.bind(this.#native), options);
  }

  /** Has events of the processor counted, or not any more. */
  async setPerfEvents(params: PerfEvents, options: ImpactOptions = {}): Promise<void> {
    const set = this.#native.setPerfEvents.bind(this.#native);
    return write(perfEventsSchema, params, set, options);
  }

  /** Makes or changes a group of limits that disks can share; from libvirt 11.2 on. */
  async setThrottleGroup(
    name: string,
    limits: Omit<IoTune, 'groupName'>,
    options: ImpactOptions = {},
  ): Promise<void> {
    const set = (list: NativeParam[], flags: number, token: Token) =>
      this.#native.setThrottleGroup(name, list, flags, token);
    return write(ioTuneSchema, limits, set, options);
  }

  /** From libvirt 11.2 on. */
  async deleteThrottleGroup(name: string, options: ImpactOptions = {}): Promise<void> {
    const flags = toFlags(impactBits, options);
    return call(options.signal, (token) => this.#native.deleteThrottleGroup(name, flags, token));
  }
}
