import { type CallOptions, call } from './call.js';
import type { ImpactOptions } from './domain-options.js';
import { type FlagOptions, impactBits, toFlags, vcpuBits } from './flags.js';
import { nameOf } from './names.js';
import type { NativeDomain } from './native-domain.js';
import { type IoThreadParams, ioThreadSchema } from './param-schemas.js';
import { nestParams, toParams } from './typed-params.js';

/** `virVcpuState` */
const vcpuStates = ['offline', 'running', 'blocked'] as const;

/** A processor of a running domain. */
export interface Vcpu {
  readonly number: number;
  readonly state: (typeof vcpuStates)[number] | 'unknown';
  /** Processor time used, in nanoseconds. */
  readonly cpuTimeNs: bigint;
  /** The host's processor that it last ran on. */
  readonly cpu: number | null;
  /** The host's processors that it may run on. */
  readonly affinity: readonly number[];
}

/** The host's processor time that a domain used, in nanoseconds. */
export interface CpuTimes {
  readonly cpuTime?: number;
  readonly userTime?: number;
  readonly systemTime?: number;
  readonly vcpuTime?: number;
}

/** What the guest says of its processors, as lists such as `0-3`. */
export interface GuestVcpus {
  readonly vcpus?: string;
  readonly online?: string;
  readonly offlinable?: string;
}

/** Which number of vCPUs is meant. */
export type VcpuOptions = FlagOptions<typeof vcpuBits>;

/** A domain's processors and I/O threads. Host processors are given by their numbers. */
export class DomainCpus {
  readonly #native: NativeDomain;

  /** @internal */
  constructor(native: NativeDomain) {
    this.#native = native;
  }

  /** How many vCPUs it has, or may have. */
  async count(options: VcpuOptions = {}): Promise<number> {
    const flags = toFlags(vcpuBits, options);
    return call(options.signal, (token) => this.#native.vcpuCount(flags, token));
  }

  /** Sets how many vCPUs it has, or at most can have. */
  async setCount(count: number, options: VcpuOptions = {}): Promise<void> {
    const flags = toFlags(vcpuBits, options);
    return call(options.signal, (token) => this.#native.setVcpuCount(count, flags, token));
  }

  /** The most that the running domain can have. */
  async max(options: CallOptions = {}): Promise<number> {
    return call(options.signal, (token) => this.#native.maxVcpus(token));
  }

  /** The vCPUs of a running domain: state, processor time, host CPUs. */
  async list(options: CallOptions = {}): Promise<Vcpu[]> {
    const vcpus = await call(options.signal, (token) => this.#native.vcpus(token));
    return vcpus.map((vcpu) => ({ ...vcpu, state: nameOf(vcpuStates, vcpu.state) }));
  }

  /** Plugs or unplugs vCPUs, such as `2-3`. */
  async setOnline(vcpus: string, online: boolean, options: ImpactOptions = {}): Promise<void> {
    const flags = toFlags(impactBits, options);
    const state = online ? 1 : 0;
    return call(options.signal, (token) => this.#native.setVcpus(vcpus, state, flags, token));
  }

  /** Has a vCPU run on these processors of the host only. */
  async pin(vcpu: number, cpus: readonly number[], options: ImpactOptions = {}): Promise<void> {
    const flags = toFlags(impactBits, options);
    return call(options.signal, (token) => this.#native.pinVcpu(vcpu, cpus, flags, token));
  }

  /** For each vCPU the host's processors that it may run on. */
  async pins(options: ImpactOptions = {}): Promise<number[][]> {
    const flags = toFlags(impactBits, options);
    return call(options.signal, (token) => this.#native.vcpuPins(flags, token));
  }

  /** Has the hypervisor's own threads run on these processors of the host only. */
  async pinEmulator(cpus: readonly number[], options: ImpactOptions = {}): Promise<void> {
    const flags = toFlags(impactBits, options);
    return call(options.signal, (token) => this.#native.pinEmulator(cpus, flags, token));
  }

  /** `null` when nothing is pinned. */
  async emulatorPin(options: ImpactOptions = {}): Promise<number[] | null> {
    const flags = toFlags(impactBits, options);
    return call(options.signal, (token) => this.#native.emulatorPin(flags, token));
  }

  /** The processor time that it used. */
  async stats(options: CallOptions = {}): Promise<CpuTimes> {
    const total = await call(options.signal, (token) => this.#native.totalCpuStats(token));
    return nestParams(total) as CpuTimes;
  }

  /** As `stats`, for each of the host's processors; not to be had with cgroups v2. */
  async statsByCpu(options: CallOptions = {}): Promise<CpuTimes[]> {
    const each = await call(options.signal, (token) => this.#native.eachCpuStats(token));
    return each.map((times) => nestParams(times) as CpuTimes);
  }

  /** Through QEMU's guest agent. */
  async guestList(options: CallOptions = {}): Promise<GuestVcpus> {
    const params = await call(options.signal, (token) => this.#native.guestVcpus(0, token));
    return nestParams(params) as GuestVcpus;
  }

  /** Has the guest take vCPUs into use or out of it, through QEMU's guest agent. */
  async setGuestOnline(vcpus: string, online: boolean, options: CallOptions = {}): Promise<void> {
    const state = online ? 1 : 0;
    return call(options.signal, (token) => this.#native.setGuestVcpus(vcpus, state, 0, token));
  }

  /** The threads that serve disks, and the host CPUs that each may run on. */
  async ioThreads(options: ImpactOptions = {}): Promise<{ id: number; affinity: number[] }[]> {
    const flags = toFlags(impactBits, options);
    return call(options.signal, (token) => this.#native.ioThreads(flags, token));
  }

  /** Adds a thread for disks under a number that is free. */
  async addIoThread(id: number, options: ImpactOptions = {}): Promise<void> {
    const flags = toFlags(impactBits, options);
    return call(options.signal, (token) => this.#native.addIoThread(id, flags, token));
  }

  /** Removes a thread that no disk uses. */
  async deleteIoThread(id: number, options: ImpactOptions = {}): Promise<void> {
    const flags = toFlags(impactBits, options);
    return call(options.signal, (token) => this.#native.deleteIoThread(id, flags, token));
  }

  /** Sets the host CPUs that a thread may run on. */
  async pinIoThread(
    id: number,
    cpus: readonly number[],
    options: ImpactOptions = {},
  ): Promise<void> {
    const flags = toFlags(impactBits, options);
    return call(options.signal, (token) => this.#native.pinIoThread(id, cpus, flags, token));
  }

  /** Sets how a thread polls, in a running domain. */
  async setIoThread(
    id: number,
    params: IoThreadParams,
    options: ImpactOptions = {},
  ): Promise<void> {
    const flags = toFlags(impactBits, options);
    const list = toParams(ioThreadSchema, params);
    return call(options.signal, (token) =>
      this.#native.setIoThreadParameters(id, list, flags, token),
    );
  }
}
