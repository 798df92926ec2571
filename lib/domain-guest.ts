import { type CallOptions, call } from './call.js';
import type { FileSystem } from './domain-answers.js';
import { type FlagOptions, passwordBits, setTimeBits, sshKeyBits, toFlags } from './flags.js';
import type { NativeDomain } from './native-domain.js';
import { nestParams } from './typed-params.js';

/** `virDomainGuestInfoTypes` */
const infoBits = {
  users: 1,
  os: 2,
  timezone: 4,
  hostname: 8,
  fileSystems: 16,
  disks: 32,
  interfaces: 64,
} as const;

/** What to ask the guest for; with none, all that its agent can tell. */
export type GuestInfoOptions = FlagOptions<typeof infoBits>;

/** A list of the guest's: how many there are, and each with its `index`. */
export interface GuestList<T> {
  readonly count?: number;
  readonly items?: readonly (T & { readonly index: number })[];
}

/** What the guest's agent tells; libvirt's fields, nested at their dots. */
export interface GuestInfo {
  readonly user?: GuestList<{ name?: string; domain?: string; loginTime?: number }>;
  readonly os?: Readonly<Record<string, string>>;
  readonly timezone?: { readonly name?: string; readonly offset?: number };
  readonly hostname?: string;
  readonly fs?: GuestList<Readonly<Record<string, unknown>>>;
  readonly disk?: GuestList<Readonly<Record<string, unknown>>>;
  readonly if?: GuestList<Readonly<Record<string, unknown>>>;
}

/** How long to wait for the guest's agent. */
export interface AgentOptions extends CallOptions {
  /** Seconds; -1 as long as it takes, 0 not at all, and -2 (as without it) as long as usual. */
  readonly timeoutSeconds?: number | undefined;
}

const usualTimeoutSeconds = -2;

/** The guest seen from inside: mostly through QEMU's guest agent, which has to run there. */
export class DomainGuest {
  readonly #native: NativeDomain;

  /** @internal */
  constructor(native: NativeDomain) {
    this.#native = native;
  }

  /** Runs a command of the guest agent, such as `guest-ping`, and gives what it returned. */
  async agent<T = unknown>(
    command: string,
    args: Readonly<Record<string, unknown>> = {},
    options: AgentOptions = {},
  ): Promise<T> {
    const text = JSON.stringify({ execute: command, arguments: args });
    const { timeoutSeconds = usualTimeoutSeconds } = options;
    const reply = await call(options.signal, (token) =>
      this.#native.agentCommand(text, timeoutSeconds, 0, token),
    );
    return (JSON.parse(reply) as { return: T }).return;
  }

  /** How long every later call waits for the agent. */
  async setAgentTimeout(timeoutSeconds: number, options: CallOptions = {}): Promise<void> {
    return call(options.signal, (token) => this.#native.setAgentTimeout(timeoutSeconds, 0, token));
  }

  /** What the agent tells of the guest, by kind. */
  async info(options: GuestInfoOptions = {}): Promise<GuestInfo> {
    const types = toFlags(infoBits, options);
    const params = await call(options.signal, (token) => this.#native.guestInfo(types, 0, token));
    return nestParams(params) as GuestInfo;
  }

  /** The guest's own name. */
  async hostname(options: CallOptions = {}): Promise<string> {
    return call(options.signal, (token) => this.#native.guestHostname(0, token));
  }

  /** The file systems that the guest has mounted. */
  async fileSystems(options: CallOptions = {}): Promise<FileSystem[]> {
    return call(options.signal, (token) => this.#native.fileSystems(token));
  }

  /** Stops writes to the file systems, all or those at the mount points; how many it stopped. */
  async freeze(mountPoints: readonly string[] = [], options: CallOptions = {}): Promise<number> {
    return call(options.signal, (token) => this.#native.freezeFileSystems(mountPoints, 0, token));
  }

  /** How many file systems go on. */
  async thaw(mountPoints: readonly string[] = [], options: CallOptions = {}): Promise<number> {
    return call(options.signal, (token) => this.#native.thawFileSystems(mountPoints, 0, token));
  }

  /** Gives blocks that are not in use back to the host. */
  async trim(
    options: CallOptions & { readonly minimumBytes?: number; readonly mountPoint?: string } = {},
  ): Promise<void> {
    const { minimumBytes = 0, mountPoint = null } = options;
    return call(options.signal, (token) =>
      this.#native.trimFileSystems(mountPoint, minimumBytes, 0, token),
    );
  }

  /** The guest's clock, to the millisecond. */
  async time(options: CallOptions = {}): Promise<Date> {
    const time = await call(options.signal, (token) => this.#native.time(token));
    return new Date(time.seconds * 1_000 + time.nanoseconds / 1_000_000);
  }

  /** Sets the guest's clock; with `sync`, to what its hardware clock says. */
  async setTime(time: Date, options: FlagOptions<typeof setTimeBits> = {}): Promise<void> {
    const flags = toFlags(setTimeBits, options);
    const seconds = Math.floor(time.getTime() / 1_000);
    const nanoseconds = (time.getTime() - seconds * 1_000) * 1_000_000;
    return call(options.signal, (token) =>
      this.#native.setTime(seconds, nanoseconds, flags, token),
    );
  }

  /** Sets a user's password in the guest. */
  async setPassword(
    user: string,
    password: string,
    options: FlagOptions<typeof passwordBits> = {},
  ): Promise<void> {
    const flags = toFlags(passwordBits, options);
    return call(options.signal, (token) =>
      this.#native.setUserPassword(user, password, flags, token),
    );
  }

  /** The keys in a user's `authorized_keys`. */
  async sshKeys(user: string, options: CallOptions = {}): Promise<string[]> {
    return call(options.signal, (token) => this.#native.sshKeys(user, 0, token));
  }

  /** Replaces a user's keys; with `append` or `remove` these come or go. */
  async setSshKeys(
    user: string,
    keys: readonly string[],
    options: FlagOptions<typeof sshKeyBits> = {},
  ): Promise<void> {
    const flags = toFlags(sshKeyBits, options);
    return call(options.signal, (token) => this.#native.setSshKeys(user, keys, flags, token));
  }
}
