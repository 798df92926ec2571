import { close } from 'node:fs';
import { promisify } from 'node:util';

import { type CallOptions, call } from './call.js';
import { type DomainState, toDomainState } from './domain-state.js';
import {
  destroyBits,
  deviceBits,
  impactBits,
  memoryBits,
  shutdownBits,
  startBits,
  toFlags,
  undefineBits,
  xmlBits,
} from './flags.js';
import type { MemoryStats, NativeDomain } from './native.js';
import { fromQmpText, toQmpText } from './qmp.js';

/** Which state a change is made to. With neither, the current one, whichever that is. */
export interface ImpactOptions extends CallOptions {
  /** The running domain. */
  readonly live?: boolean | undefined;
  /** The definition that its next start uses. */
  readonly config?: boolean | undefined;
}

/** Which XML of a domain. */
export interface XmlOptions extends CallOptions {
  /** The definition that the next start uses, not the running domain. */
  readonly inactive?: boolean | undefined;
  /** With passwords; needs a connection that may write. */
  readonly secure?: boolean | undefined;
  /** The CPU as this host's, not as it was written. */
  readonly updateCpu?: boolean | undefined;
  /** In a form that older releases of libvirt read. */
  readonly migratable?: boolean | undefined;
}

/** How to start a domain. */
export interface StartOptions extends CallOptions {
  readonly paused?: boolean | undefined;
  /** Destroy the domain when the connection closes. */
  readonly autoDestroy?: boolean | undefined;
}

/** How to ask the guest; with neither, the hypervisor chooses. */
export interface ShutdownOptions extends CallOptions {
  /** By the power button. */
  readonly acpi?: boolean | undefined;
  /** Through QEMU's guest agent. */
  readonly guestAgent?: boolean | undefined;
}

/** How to switch a domain off. */
export interface DestroyOptions extends CallOptions {
  /** SIGTERM only; fails rather than kill. */
  readonly graceful?: boolean | undefined;
  /** Remove the log of its hypervisor process too. */
  readonly removeLogs?: boolean | undefined;
  /** Do not wait for the earlier calls of this domain: the way out when one of them hangs. */
  readonly overtake?: boolean | undefined;
}

/** What to remove with a definition; libvirt refuses while a part that is not named exists. */
export interface UndefineOptions extends CallOptions {
  readonly managedSave?: boolean | undefined;
  readonly snapshotsMetadata?: boolean | undefined;
  readonly nvram?: boolean | undefined;
  /** Leave the file where it is. */
  readonly keepNvram?: boolean | undefined;
  readonly checkpointsMetadata?: boolean | undefined;
}

/** Which memory size to set, and where. */
export interface SetMemoryOptions extends ImpactOptions {
  /** Set the maximum instead of the current size. */
  readonly maximum?: boolean | undefined;
}

/** Where to change a device. */
export interface UpdateDeviceOptions extends ImpactOptions {
  /** Even against the guest's will, for example open a locked tray. */
  readonly force?: boolean | undefined;
}

/** What goes with a monitor command. */
export interface QmpOptions extends CallOptions {
  /** Open files that go with the command (`getfd`). They are copied: close yours when you like. */
  readonly files?: readonly number[] | undefined;
}

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

/** Wraps a native domain; the constructor is not public. */
export let wrapDomain: (native: NativeDomain) => Domain;
/** The native domain of a domain. */
export let unwrapDomain: (domain: Domain) => NativeDomain;

/**
 * A virtual machine. Its calls run one after the other in the order in which they were made, also
 * those made through another object for the same domain and connection; those of different domains
 * run side by side. Every call may reject with a `LibvirtError` or, after `close()`, a
 * `ClosedError`.
 */
export class Domain {
  readonly name: string;
  readonly uuid: string;
  readonly #native: NativeDomain;

  static {
    wrapDomain = (native) => new Domain(native);
    unwrapDomain = (domain) => domain.#native;
  }

  private constructor(native: NativeDomain) {
    this.#native = native;
    this.name = native.name;
    this.uuid = native.uuid;
  }

  /** The hypervisor's number for the running domain; `null` while it is off. */
  async id(options: CallOptions = {}): Promise<number | null> {
    return call(options.signal, (token) => this.#native.id(token));
  }

  async xml(options: XmlOptions = {}): Promise<string> {
    return call(options.signal, (token) => this.#native.xml(toFlags(xmlBits, options), token));
  }

  /** The state and libvirt's number for its reason (`virDomainPausedReason` and its like). */
  async state(options: CallOptions = {}): Promise<{ state: DomainState; reason: number }> {
    const { state, reason } = await call(options.signal, (token) => this.#native.state(token));
    return { state: toDomainState(state), reason };
  }

  async info(options: CallOptions = {}): Promise<DomainInfo> {
    const info = await call(options.signal, (token) => this.#native.info(token));
    return { ...info, state: toDomainState(info.state) };
  }

  /** Whether it has a definition that outlives its run. */
  async isPersistent(options: CallOptions = {}): Promise<boolean> {
    return call(options.signal, (token) => this.#native.isPersistent(token));
  }

  async start(options: StartOptions = {}): Promise<void> {
    return call(options.signal, (token) => this.#native.start(toFlags(startBits, options), token));
  }

  async resume(options: CallOptions = {}): Promise<void> {
    return call(options.signal, (token) => this.#native.resume(token));
  }

  async suspend(options: CallOptions = {}): Promise<void> {
    return call(options.signal, (token) => this.#native.suspend(token));
  }

  /** Asks the guest to shut down; resolves when it was asked, not when it is off. */
  async shutdown(options: ShutdownOptions = {}): Promise<void> {
    const flags = toFlags(shutdownBits, options);
    return call(options.signal, (token) => this.#native.shutdown(flags, token));
  }

  /** Switches it off at once. */
  async destroy(options: DestroyOptions = {}): Promise<void> {
    const flags = toFlags(destroyBits, options);
    const overtake = options.overtake ?? false;
    return call(options.signal, (token) => this.#native.destroy(flags, overtake, token));
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

  /** Changes a device to its given XML, such as a virtio-mem device with another `<requested>`. */
  async updateDevice(xml: string, options: UpdateDeviceOptions = {}): Promise<void> {
    const flags = toFlags(deviceBits, options);
    return call(options.signal, (token) => this.#native.updateDevice(xml, flags, token));
  }

  /** Runs a command of QEMU's monitor and gives what it returned; its error is a `QmpError`. */
  async qmp<T = unknown>(
    command: string,
    args: Readonly<Record<string, unknown>> = {},
    options: QmpOptions = {},
  ): Promise<T> {
    const text = toQmpText(command, args);
    if (options.files !== undefined) {
      const { result, files } = await this.qmpWithFiles<T>(command, args, options);
      if (files.length > 0) await closeFiles(files);
      return result;
    }
    const reply = await call(options.signal, (token) => this.#native.monitorCommand(text, token));
    return fromQmpText(command, reply) as T;
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

  /** Gives the handle up, not the virtual machine. Waits for the calls that were made on it. */
  async close(): Promise<void> {
    return this.#native.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

async function closeFiles(files: readonly number[]): Promise<void> {
  await Promise.all(files.map((file) => promisify(close)(file)));
}
