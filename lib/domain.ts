import { close } from 'node:fs';
import { promisify } from 'node:util';

import { type CallOptions, call } from './call.js';
import type { MemoryStats } from './domain-answers.js';
import { DomainConsoles } from './domain-consoles.js';
import { DomainCpus } from './domain-cpus.js';
import { DomainDisk } from './domain-disk.js';
import { DomainGuest } from './domain-guest.js';
import {
  type AddressSource,
  DomainInterface,
  type InterfaceAddresses,
  readAddresses,
} from './domain-interface.js';
import { DomainJobs } from './domain-jobs.js';
import { DomainMemory } from './domain-memory.js';
import { DomainMetadata } from './domain-metadata.js';
import { DomainMigration } from './domain-migration.js';
import {
  type DestroyOptions,
  type ImpactOptions,
  lifecycleActions,
  lifecycleEvents,
  type MessageOptions,
  messageBits,
  type QmpOptions,
  type SetMemoryOptions,
  type ShutdownOptions,
  type StartOptions,
  sleepTargets,
  type UndefineOptions,
  type UpdateDeviceOptions,
  type XmlOptions,
} from './domain-options.js';
import { DomainSaves } from './domain-saves.js';
import { DomainSecurity } from './domain-security.js';
import { DomainCheckpoints, DomainSnapshots } from './domain-snapshots.js';
import { type DomainState, toDomainState } from './domain-state.js';
import { DomainTuning } from './domain-tuning.js';
import type { EventIterator, EventsOptions } from './event-iterator.js';
import type { DomainEventName, DomainEvents, QmpEvent } from './events.js';
import {
  associateBits,
  destroyBits,
  deviceBits,
  type FlagOptions,
  impactBits,
  memoryBits,
  shutdownBits,
  startBits,
  toFlags,
  undefineBits,
  xmlBits,
} from './flags.js';
import { nameOf, numberOf } from './names.js';
import type { NativeDomain } from './native-domain.js';
import { fromQmpText, runQmp, toQmpText } from './qmp.js';
import type { OtherCommand, QmpCommandName, QmpCommands, QmpRequest } from './qmp-commands.js';
import type { Watcher } from './watcher.js';

/** `virDomainInfo`: a domain in brief. Sizes are KiB. */
export interface DomainInfo {
  readonly state: DomainState;
  readonly maxMemoryKib: number;
  /** What it has now: the balloon's size. */
  readonly memoryKib: number;
  readonly vcpus: number;
  /** Processor time used since it started, in nanoseconds. */
  readonly cpuTimeNs: bigint;
}

/** `virDomainControlState` */
const controlStates = ['ok', 'job', 'occupied', 'error'] as const;

/** The state of the control interface to the hypervisor's process. */
export interface ControlInfo {
  readonly state: (typeof controlStates)[number] | 'unknown';
  /** libvirt's number of the reason, with `error`. */
  readonly details: number;
  /** How long it has been in this state. */
  readonly stateMs: number;
}

/** Wraps a native domain; the constructor is not public. */
export let wrapDomain: (native: NativeDomain, watcher: Watcher) => Domain;
/** The native domain of a domain. */
export let unwrapDomain: (domain: Domain) => NativeDomain;

/**
 * A virtual machine. Its calls run one after the other in the order in which they were made, also
 * those made through another object for the same domain and connection; those of different domains
 * run side by side. Every call may reject with a `LibvirtError` or, after `close()`, a
 * `ClosedError`.
 */
export class Domain {
  readonly uuid: string;
  readonly #native: NativeDomain;
  readonly #watcher: Watcher;
  #name: string;

  static {
    wrapDomain = (native, watcher) => new Domain(native, watcher);
    unwrapDomain = (domain) => domain.#native;
  }

  private constructor(native: NativeDomain, watcher: Watcher) {
    this.#native = native;
    this.#watcher = watcher;
    this.#name = native.name;
    this.uuid = native.uuid;
  }

  /** As it was looked up, or as this object renamed it. */
  get name(): string {
    return this.#name;
  }

  /** Points in time from which an incremental backup starts. */
  get checkpoints(): DomainCheckpoints {
    return new DomainCheckpoints(this.#native);
  }

  /** Consoles, channels and screenshots as streams; keys. */
  get consoles(): DomainConsoles {
    return new DomainConsoles(this.#native);
  }

  /** vCPUs and I/O threads: how many, where they run. */
  get cpus(): DomainCpus {
    return new DomainCpus(this.#native);
  }

  /** What the guest agent tells and does. */
  get guest(): DomainGuest {
    return new DomainGuest(this.#native);
  }

  /** What runs for long, such as a save, and backups. */
  get jobs(): DomainJobs {
    return new DomainJobs(this.#native);
  }

  /** Sizes, statistics, virtio-mem devices, the balloon. */
  get memory(): DomainMemory {
    return new DomainMemory(this.#native);
  }

  /** Title, description, and XML of your own. */
  get metadata(): DomainMetadata {
    return new DomainMetadata(this.#native);
  }

  /** Moves to another host. */
  get migration(): DomainMigration {
    return new DomainMigration(this.#native);
  }

  /** Its state in files, to go on from later. */
  get saves(): DomainSaves {
    return new DomainSaves(this.#native);
  }

  /** Labels, and launch security. */
  get security(): DomainSecurity {
    return new DomainSecurity(this.#native);
  }

  /** States to go back to. */
  get snapshots(): DomainSnapshots {
    return new DomainSnapshots(this.#native);
  }

  /** Shares and limits as typed objects. */
  get tuning(): DomainTuning {
    return new DomainTuning(this.#native);
  }

  /** A disk, by its target (`vda`) or the path of its image. */
  disk(target: string): DomainDisk {
    return new DomainDisk(this.#native, target);
  }

  /** The disks that failed, with libvirt's number of the error: 1 unspecified, 2 no space. */
  async diskErrors(options: CallOptions = {}): Promise<{ disk: string; error: number }[]> {
    return call(options.signal, (token) => this.#native.diskErrors(token));
  }

  /** A network interface, by its name on the host (`vnet0`) or its MAC address. */
  networkInterface(device: string): DomainInterface {
    return new DomainInterface(this.#native, device);
  }

  /** The addresses of its network interfaces. */
  async addresses(
    source: AddressSource = 'lease',
    options: CallOptions = {},
  ): Promise<InterfaceAddresses[]> {
    return readAddresses(this.#native, source, options.signal);
  }

  /** The hypervisor's number for the running domain; `null` while it is off. */
  async id(options: CallOptions = {}): Promise<number | null> {
    return call(options.signal, (token) => this.#native.id(token));
  }

  /** Its definition, as it runs now or as it is stored. */
  async xml(options: XmlOptions = {}): Promise<string> {
    return call(options.signal, (token) => this.#native.xml(toFlags(xmlBits, options), token));
  }

  /** The state and libvirt's number for its reason (`virDomainPausedReason` and its like). */
  async state(options: CallOptions = {}): Promise<{ state: DomainState; reason: number }> {
    const { state, reason } = await call(options.signal, (token) => this.#native.state(token));
    return { state: toDomainState(state), reason };
  }

  /** State, memory, vCPUs and processor time, in one call. */
  async info(options: CallOptions = {}): Promise<DomainInfo> {
    const info = await call(options.signal, (token) => this.#native.info(token));
    return { ...info, state: toDomainState(info.state) };
  }

  /** Whether it has a definition that outlives its run. */
  async isPersistent(options: CallOptions = {}): Promise<boolean> {
    return call(options.signal, (token) => this.#native.isPersistent(token));
  }

  /** Whether it runs, which a paused domain does too. */
  async isActive(options: CallOptions = {}): Promise<boolean> {
    return call(options.signal, (token) => this.#native.isActive(token));
  }

  /** Whether its definition was changed while it ran. */
  async isUpdated(options: CallOptions = {}): Promise<boolean> {
    return call(options.signal, (token) => this.#native.isUpdated(token));
  }

  /** Whether libvirt can talk to the hypervisor's process; overtakes the calls that wait. */
  async controlInfo(options: CallOptions = {}): Promise<ControlInfo> {
    const info = await call(options.signal, (token) => this.#native.controlInfo(token));
    return { ...info, state: nameOf(controlStates, info.state) };
  }

  /** The type of its operating system: `hvm`. */
  async osType(options: CallOptions = {}): Promise<string> {
    return call(options.signal, (token) => this.#native.osType(token));
  }

  /** What libvirt finds fault with, such as settings that are deprecated. */
  async messages(options: MessageOptions = {}): Promise<string[]> {
    const flags = toFlags(messageBits, options);
    return call(options.signal, (token) => this.#native.messages(flags, token));
  }

  /** Whether it is started with libvirt. */
  async autostart(options: CallOptions = {}): Promise<boolean> {
    return call(options.signal, async (token) => (await this.#native.autostart(token)) === 1);
  }

  /** Has it started with libvirt, or not any more; only a persistent domain can be. */
  async setAutostart(autostart: boolean, options: CallOptions = {}): Promise<void> {
    return call(options.signal, (token) => this.#native.setAutostart(autostart ? 1 : 0, token));
  }

  /** Whether it is started with the host the next time only; from libvirt 11.2 on. */
  async autostartOnce(options: CallOptions = {}): Promise<boolean> {
    return call(options.signal, async (token) => (await this.#native.autostartOnce(token)) === 1);
  }

  /** From libvirt 11.2 on. */
  async setAutostartOnce(autostart: boolean, options: CallOptions = {}): Promise<void> {
    const value = autostart ? 1 : 0;
    return call(options.signal, (token) => this.#native.setAutostartOnce(value, token));
  }

  /** Gives it another name; it has to be off. Other objects for it keep the old one. */
  async rename(name: string, options: CallOptions = {}): Promise<void> {
    await call(options.signal, (token) => this.#native.rename(name, 0, token));
    this.#name = name;
  }

  /** Starts a domain that is defined. */
  async start(options: StartOptions = {}): Promise<void> {
    const { files, signal } = options;
    const flags = toFlags(startBits, options);
    if (files === undefined) return call(signal, (token) => this.#native.start(flags, token));
    return call(signal, (token) => this.#native.startWithFiles(files, flags, token));
  }

  /** Hands libvirt open files that a disk of that name in the XML means; they are copied. */
  async associateFiles(
    name: string,
    files: readonly number[],
    options: FlagOptions<typeof associateBits> = {},
  ): Promise<void> {
    const flags = toFlags(associateBits, options);
    return call(options.signal, (token) => this.#native.associateFiles(name, files, flags, token));
  }

  /** Has the vCPUs run again after `suspend`, or after a start with `paused`. */
  async resume(options: CallOptions = {}): Promise<void> {
    return call(options.signal, (token) => this.#native.resume(token));
  }

  /** Stops the vCPUs; its memory stays where it is. */
  async suspend(options: CallOptions = {}): Promise<void> {
    return call(options.signal, (token) => this.#native.suspend(token));
  }

  /** Asks the guest to shut down; resolves when it was asked, not when it is off. */
  async shutdown(options: ShutdownOptions = {}): Promise<void> {
    const flags = toFlags(shutdownBits, options);
    return call(options.signal, (token) => this.#native.shutdown(flags, token));
  }

  /** Asks the guest to restart; resolves when it was asked. */
  async reboot(options: ShutdownOptions = {}): Promise<void> {
    const flags = toFlags(shutdownBits, options);
    return call(options.signal, (token) => this.#native.reboot(flags, token));
  }

  /** Restarts it at once, as its reset button would. */
  async reset(options: CallOptions = {}): Promise<void> {
    return call(options.signal, (token) => this.#native.reset(0, token));
  }

  /** Has the guest sleep: with its memory kept, saved on disk, or both. */
  async pmSuspend(target: (typeof sleepTargets)[number], options: CallOptions = {}): Promise<void> {
    const number = numberOf('target', sleepTargets, target);
    return call(options.signal, (token) => this.#native.pmSuspend(number, 0, 0, token));
  }

  /** Wakes a guest that `pmSuspend` sent to sleep. */
  async pmWakeup(options: CallOptions = {}): Promise<void> {
    return call(options.signal, (token) => this.#native.pmWakeup(0, token));
  }

  /** What is done when the guest powers off, reboots or crashes. */
  async setLifecycleAction(
    event: (typeof lifecycleEvents)[number],
    action: (typeof lifecycleActions)[number],
    options: ImpactOptions = {},
  ): Promise<void> {
    const type = numberOf('event', lifecycleEvents, event);
    const what = numberOf('action', lifecycleActions, action);
    const flags = toFlags(impactBits, options);
    return call(options.signal, (token) =>
      this.#native.setLifecycleAction(type, what, flags, token),
    );
  }

  /** Sends the guest a non-maskable interrupt. */
  async injectNmi(options: CallOptions = {}): Promise<void> {
    return call(options.signal, (token) => this.#native.injectNmi(0, token));
  }

  /** Sends a signal (`virDomainProcessSignal`, as Linux numbers them) to a process of the guest. */
  async sendProcessSignal(pid: number, signum: number, options: CallOptions = {}): Promise<void> {
    return call(options.signal, (token) => this.#native.sendProcessSignal(pid, signum, 0, token));
  }

  /** Switches it off at once. */
  async destroy(options: DestroyOptions = {}): Promise<void> {
    const flags = toFlags(destroyBits, options);
    return call(options.signal, (token) =>
      options.overtake === true
        ? this.#native.destroyNow(flags, token)
        : this.#native.destroy(flags, token),
    );
  }

  /** Removes the definition. */
  async undefine(options: UndefineOptions = {}): Promise<void> {
    const flags = toFlags(undefineBits, options);
    return call(options.signal, (token) => this.#native.undefine(flags, token));
  }

  /** Stops the job (a migration, a save) that another call runs; overtakes the calls that wait. */
  async abortJob(options: CallOptions = {}): Promise<void> {
    return call(options.signal, (token) => this.#native.abortJob(token));
  }

  /** Sets the balloon's target, or the maximum, in KiB. */
  async setMemory(memoryKib: number, options: SetMemoryOptions = {}): Promise<void> {
    const flags = toFlags(memoryBits, options);
    return call(options.signal, (token) => this.#native.setMemory(memoryKib, flags, token));
  }

  /** What the guest's balloon driver and the host tell of its memory. Sizes are KiB. */
  async memoryStats(options: CallOptions = {}): Promise<MemoryStats> {
    return call(options.signal, (token) => this.#native.memoryStats(token));
  }

  /** How often the guest's balloon driver reports, in seconds; 0 stops it. */
  async setMemoryStatsPeriod(seconds: number, options: ImpactOptions = {}): Promise<void> {
    const flags = toFlags(impactBits, options);
    return call(options.signal, (token) =>
      this.#native.setMemoryStatsPeriod(seconds, flags, token),
    );
  }

  /** Plugs a device in. */
  async attachDevice(xml: string, options: ImpactOptions = {}): Promise<void> {
    const flags = toFlags(deviceBits, options);
    return call(options.signal, (token) => this.#native.attachDevice(xml, flags, token));
  }

  /** Asks the guest to let go of a device; `device-removed` tells when it has. */
  async detachDevice(xml: string, options: ImpactOptions = {}): Promise<void> {
    const flags = toFlags(deviceBits, options);
    return call(options.signal, (token) => this.#native.detachDevice(xml, flags, token));
  }

  /** As `detachDevice`, for the device that libvirt calls so. */
  async detachDeviceByAlias(alias: string, options: ImpactOptions = {}): Promise<void> {
    const flags = toFlags(deviceBits, options);
    return call(options.signal, (token) => this.#native.detachDeviceAlias(alias, flags, token));
  }

  /** Changes a device to its given XML, such as a virtio-mem device with another `<requested>`. */
  async updateDevice(xml: string, options: UpdateDeviceOptions = {}): Promise<void> {
    const flags = toFlags(deviceBits, options);
    return call(options.signal, (token) => this.#native.updateDevice(xml, flags, token));
  }

  /** Runs a command of QEMU's monitor and gives what it returned; its error is a `QmpError`. */
  async qmp<C extends QmpCommandName>(
    command: C,
    ...request: QmpRequest<C, QmpOptions>
  ): Promise<QmpCommands[C]['answer']>;
  /** A command whose types are not known here; `T` is what its user says that it returns. */
  async qmp<T = unknown, C extends string = string>(
    command: OtherCommand<C>,
    args?: Readonly<Record<string, unknown>>,
    options?: QmpOptions,
  ): Promise<T>;
  async qmp<T = unknown>(
    command: string,
    args: Readonly<Record<string, unknown>> = {},
    options: QmpOptions = {},
  ): Promise<T> {
    if (options.files === undefined) return runQmp(this.#native, command, args, options);
    const { result, files } = await this.qmpWithFiles<T>(command, args, options);
    if (files.length > 0) await closeFiles(files);
    return result;
  }

  /** As `qmp`, and gives the open files that came with the answer, which the caller closes. */
  async qmpWithFiles<T = unknown>(
    command: string,
    args: Readonly<Record<string, unknown>> = {},
    options: QmpOptions = {},
  ): Promise<{ result: T; files: number[] }> {
    const text = toQmpText(command, args);
    const reply = await call(options.signal, (token) =>
      this.#native.monitorCommandWithFiles(text, options.files ?? [], token),
    );
    return { result: fromQmpText(command, reply.text) as T, files: reply.files };
  }

  /**
   * This domain's events, for a `for await` loop. What happens before its first step is not seen:
   * `start()` begins earlier.
   */
  events<E extends DomainEventName>(
    event: E,
    options: EventsOptions = {},
  ): EventIterator<DomainEvents[E]> {
    return this.#watcher.domainEvents(event, { ...options, domain: this.#native });
  }

  /** The events of QEMU's monitor: all, or those of one name. */
  qmpEvents(event: string | null = null, options: EventsOptions = {}): EventIterator<QmpEvent> {
    return this.#watcher.qmpEvents(event, { ...options, domain: this.#native });
  }

  /** Gives the handle up, not the virtual machine. Waits for the calls that were made on it. */
  async close(): Promise<void> {
    return this.#native.close();
  }

  /** As `close`, at the end of an `await using` block. */
  async [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

async function closeFiles(files: readonly number[]): Promise<void> {
  await Promise.all(files.map((file) => promisify(close)(file)));
}
