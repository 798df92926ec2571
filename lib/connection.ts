import { type CallOptions, call } from './call.js';
import { type Domain, type StartOptions, unwrapDomain, wrapDomain } from './domain.js';
import {
  type DomainEventName,
  type DomainEvents,
  decodeEvent,
  domainEventNames,
} from './events.js';
import { defineBits, listBits, startBits, toFlags } from './flags.js';
import { type NativeConnection, native } from './native.js';
import { type Subscription, wrapSubscription } from './subscription.js';

const defaultEventLimit = 1024;

/** How to open a connection. */
export interface ConnectOptions extends CallOptions {
  /** Calls that change anything are refused with `OPERATION_DENIED`. */
  readonly readOnly?: boolean | undefined;
}

/** How to take in a domain's definition. */
export interface DefineOptions extends CallOptions {
  /** Check the XML against libvirt's schema. */
  readonly validate?: boolean | undefined;
}

/** How to define and start a domain in one call. */
export interface CreateOptions extends StartOptions, DefineOptions {}

/** Kinds of domains; those of one line are alternatives, none means all. */
export interface ListOptions extends CallOptions {
  readonly active?: boolean | undefined;
  readonly inactive?: boolean | undefined;
  readonly persistent?: boolean | undefined;
  readonly transient?: boolean | undefined;
  readonly running?: boolean | undefined;
  readonly paused?: boolean | undefined;
  readonly shutoff?: boolean | undefined;
}

/** Which kind of domains is meant; what is left out, libvirt chooses. */
export interface DomainCapabilitiesOptions extends CallOptions {
  /** The path of the emulator, such as `/usr/bin/qemu-system-x86_64`. */
  readonly emulator?: string | undefined;
  /** Such as `x86_64`. */
  readonly arch?: string | undefined;
  /** Such as `q35`. */
  readonly machine?: string | undefined;
  /** `kvm` or `qemu` (software emulation). */
  readonly virtType?: string | undefined;
}

/** Which events a subscription gets. */
export interface WatchOptions extends CallOptions {
  /** Only this domain's events; otherwise those of all. */
  readonly domain?: Domain | undefined;
  /** How many events may wait for the listener (1024); further ones are dropped and counted. */
  readonly limit?: number | undefined;
}

let wrapConnection: (uri: string, native: NativeConnection) => Connection;

/**
 * A connection to a hypervisor. Closing it closes its domains and subscriptions. Every call may
 * reject with a `LibvirtError` or, after `close()`, a `ClosedError`.
 */
export class Connection {
  /** As it was given to `connect`. */
  readonly uri: string;
  readonly #native: NativeConnection;

  static {
    wrapConnection = (uri, connection) => new Connection(uri, connection);
  }

  private constructor(uri: string, connection: NativeConnection) {
    this.uri = uri;
    this.#native = connection;
  }

  /** The versions of libvirt and of the hypervisor, such as `9.0.0` and `7.2.22`. */
  async version(options: CallOptions = {}): Promise<{ libvirt: string; hypervisor: string }> {
    return call(options.signal, (token) => this.#native.version(token));
  }

  async hostname(options: CallOptions = {}): Promise<string> {
    return call(options.signal, (token) => this.#native.hostname(token));
  }

  /** The host's capabilities as XML. */
  async capabilities(options: CallOptions = {}): Promise<string> {
    return call(options.signal, (token) => this.#native.capabilities(token));
  }

  /** What domains of a kind may use, as XML. */
  async domainCapabilities(options: DomainCapabilitiesOptions = {}): Promise<string> {
    const { emulator = null, arch = null, machine = null, virtType = null } = options;
    return call(options.signal, (token) =>
      this.#native.domainCapabilities(emulator, arch, machine, virtType, token),
    );
  }

  async isAlive(options: CallOptions = {}): Promise<boolean> {
    return call(options.signal, (token) => this.#native.isAlive(token));
  }

  /** Adds or replaces the definition of a domain; does not start it. */
  async defineDomain(xml: string, options: DefineOptions = {}): Promise<Domain> {
    const flags = toFlags(defineBits, options);
    return wrapDomain(
      await call(options.signal, (token) => this.#native.defineDomain(xml, flags, token)),
    );
  }

  /**
   * Starts a domain that is gone when it stops. A call that is aborted after it began may still
   * create it: look it up by name.
   */
  async createDomain(xml: string, options: CreateOptions = {}): Promise<Domain> {
    const flags = toFlags(startBits, options);
    return wrapDomain(
      await call(options.signal, (token) => this.#native.createDomain(xml, flags, token)),
    );
  }

  async lookupByName(name: string, options: CallOptions = {}): Promise<Domain> {
    return wrapDomain(
      await call(options.signal, (token) => this.#native.lookupByName(name, token)),
    );
  }

  async lookupByUuid(uuid: string, options: CallOptions = {}): Promise<Domain> {
    return wrapDomain(
      await call(options.signal, (token) => this.#native.lookupByUuid(uuid, token)),
    );
  }

  async listDomains(filter: ListOptions = {}): Promise<Domain[]> {
    const flags = toFlags(listBits, filter);
    const domains = await call(filter.signal, (token) => this.#native.listDomains(flags, token));
    return domains.map((domain) => wrapDomain(domain));
  }

  /** Calls the listener for each event from now on, until the subscription is closed. */
  async watch<E extends DomainEventName>(
    event: E,
    listener: (event: DomainEvents[E]) => void,
    options: WatchOptions = {},
  ): Promise<Subscription> {
    if (!domainEventNames.includes(event)) {
      throw new RangeError(`event must be one of ${domainEventNames.join(', ')}, not ${event}`);
    }
    if (typeof listener !== 'function') throw new TypeError('listener must be a function');
    const { domain, limit = defaultEventLimit } = options;
    const watched = domain === undefined ? null : unwrapDomain(domain);
    const subscription = await call(options.signal, (token) =>
      this.#native.watch(event, watched, limit, token),
    );
    subscription.listen((payload) => listener(decodeEvent(event, payload)));
    return wrapSubscription(subscription);
  }

  /** Waits for the calls that were made, then closes what was opened through it, then itself. */
  async close(): Promise<void> {
    return this.#native.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Opens a connection, for example to `qemu:///embed?root=/path` or `test:///default`. */
export async function connect(uri: string, options: ConnectOptions = {}): Promise<Connection> {
  if (typeof uri !== 'string' || uri === '') {
    throw new TypeError(
      `uri must be a libvirt URI such as qemu:///system, not ${JSON.stringify(uri)}`,
    );
  }
  const readOnly = options.readOnly ?? false;
  return wrapConnection(
    uri,
    await call(options.signal, (token) => native.connect(uri, readOnly, token)),
  );
}
