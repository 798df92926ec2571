import { type Authenticate, toNativeAuthenticate } from './authenticate.js';
import { type CallOptions, call } from './call.js';
import type { CloseReason } from './close-reason.js';
import { type Domain, unwrapDomain, wrapDomain } from './domain.js';
import type { MigrateOptions } from './domain-migration.js';
import type { StartOptions } from './domain-options.js';
import type { SaveOptions } from './domain-saves.js';
import { readStats, type StatsOptions, type StatsRecord } from './domain-stats.js';
import type { EventIterator, EventsOptions } from './event-iterator.js';
import type { DomainEventName, DomainEvents, QmpEvent } from './events.js';
import type { FlagOptions } from './flags.js';
import {
  defineBits,
  listBits,
  migrateBits,
  saveBits,
  savedXmlBits,
  startBits,
  toFlags,
} from './flags.js';
import { HypervisorCpus } from './hypervisor-cpus.js';
import { native } from './native.js';
import type { NativeConnection } from './native-connection.js';
import type { NativeDomain } from './native-domain.js';
import { HostNode } from './node.js';
import {
  type Identity,
  identitySchema,
  type MigrationParams,
  migrationSchema,
  saveSchema,
} from './param-schemas.js';
import { HostStorage } from './storage.js';
import type { Subscription } from './subscription.js';
import { toParams } from './typed-params.js';
import { Watcher } from './watcher.js';

const readOnlyBit = 1;
const noAliasesBit = 2;
const defaultBusyPollUs = 150;
const mostBusyPollUs = 1_000_000;

/** How to open a connection. */
export interface ConnectOptions extends CallOptions {
  /** Calls that change anything are refused with `OPERATION_DENIED`. */
  readonly readOnly?: boolean | undefined;
  /** Do not look the URI up among the aliases in libvirt's configuration. */
  readonly noAliases?: boolean | undefined;
  /** Asked for the credentials that the other end wants. */
  readonly authenticate?: Authenticate | undefined;
  /**
   * For how many microseconds, from 0 to 1,000,000, the event loop goes round looking for the
   * result of a call before it sleeps (150). It does so while one call alone is under way, and
   * where the last one took no longer. To sleep and be woken takes longer than many a call does; to
   * look takes a processor, so that a long time is for hosts that have one to spare.
   */
  readonly busyPollUs?: number | undefined;
}

/** How to take in a domain's definition. */
export interface DefineOptions extends CallOptions {
  /** Check the XML against libvirt's schema. */
  readonly validate?: boolean | undefined;
}

/** How to define and start a domain in one call. */
export interface CreateOptions extends StartOptions, DefineOptions {}

/** Kinds of domains; opposites together are alternatives, none means all. */
export type ListOptions = FlagOptions<typeof listBits>;

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
  readonly #watcher: Watcher;

  static {
    wrapConnection = (uri, connection) => new Connection(uri, connection);
  }

  private constructor(uri: string, connection: NativeConnection) {
    this.uri = uri;
    this.#native = connection;
    this.#watcher = new Watcher(connection);
  }

  /** The host: its processors and memory. */
  get node(): HostNode {
    return new HostNode(this.#native);
  }

  /** What CPU models the hypervisor can give its guests. */
  get cpus(): HypervisorCpus {
    return new HypervisorCpus(this.#native);
  }

  /** Storage volumes: what they hold as streams. */
  get storage(): HostStorage {
    return new HostStorage(this.#native);
  }

  #wrap(domain: NativeDomain): Domain {
    return wrapDomain(domain, this.#watcher);
  }

  /** The versions of libvirt and of the hypervisor, such as `9.0.0` and `7.2.22`. */
  async version(options: CallOptions = {}): Promise<{ libvirt: string; hypervisor: string }> {
    return call(options.signal, (token) => this.#native.version(token));
  }

  /** The kind of driver: `QEMU`, `TEST`. */
  async type(options: CallOptions = {}): Promise<string> {
    return call(options.signal, (token) => this.#native.type(token));
  }

  /** The URI as libvirt understood it. */
  async canonicalUri(options: CallOptions = {}): Promise<string> {
    return call(options.signal, (token) => this.#native.canonicalUri(token));
  }

  /** The host's name, as the hypervisor knows it. */
  async hostname(options: CallOptions = {}): Promise<string> {
    return call(options.signal, (token) => this.#native.hostname(token));
  }

  /** The host's capabilities as XML. */
  async capabilities(options: CallOptions = {}): Promise<string> {
    return call(options.signal, (token) => this.#native.capabilities(token));
  }

  /** The host's SMBIOS tables as XML. */
  async sysinfo(options: CallOptions = {}): Promise<string> {
    return call(options.signal, (token) => this.#native.sysinfo(0, token));
  }

  /** The most vCPUs that a domain of a type, such as `kvm`, can have. */
  async maxVcpus(
    options: CallOptions & { readonly virtType?: string | undefined } = {},
  ): Promise<number> {
    const { virtType = null } = options;
    return call(options.signal, (token) => this.#native.maxVcpus(virtType, token));
  }

  /** What domains of a kind may use, as XML. */
  async domainCapabilities(options: DomainCapabilitiesOptions = {}): Promise<string> {
    const { emulator = null, arch = null, machine = null, virtType = null } = options;
    return call(options.signal, (token) =>
      this.#native.domainCapabilities(emulator, arch, machine, virtType, 0, token),
    );
  }

  /** Whether the connection still works: a remote one may have been lost. */
  async isAlive(options: CallOptions = {}): Promise<boolean> {
    return call(options.signal, (token) => this.#native.isAlive(token));
  }

  /** Whether what goes over the connection is encrypted. */
  async isEncrypted(options: CallOptions = {}): Promise<boolean> {
    return call(options.signal, (token) => this.#native.isEncrypted(token));
  }

  /** Whether nobody can listen in: it is encrypted, or does not leave the host. */
  async isSecure(options: CallOptions = {}): Promise<boolean> {
    return call(options.signal, (token) => this.#native.isSecure(token));
  }

  /**
   * Has a remote connection ask its daemon for a sign of life after so many seconds of silence, and
   * count it as lost when that many questions stay unanswered; 0 seconds ends it. False when the
   * daemon does not support it.
   */
  async setKeepAlive(
    intervalSeconds: number,
    count: number,
    options: CallOptions = {},
  ): Promise<boolean> {
    const result = await call(options.signal, (token) =>
      this.#native.setKeepAlive(intervalSeconds, count, token),
    );
    return result === 0;
  }

  /** Speaks for somebody else from now on, as far as the daemon lets it. */
  async setIdentity(identity: Identity, options: CallOptions = {}): Promise<void> {
    const list = toParams(identitySchema, identity);
    return call(options.signal, (token) => this.#native.setIdentity(list, 0, token));
  }

  /** Adds or replaces the definition of a domain; does not start it. */
  async defineDomain(xml: string, options: DefineOptions = {}): Promise<Domain> {
    const flags = toFlags(defineBits, options);
    return this.#wrap(
      await call(options.signal, (token) => this.#native.defineDomain(xml, flags, token)),
    );
  }

  /**
   * Starts a domain that is gone when it stops. A call that is aborted after it began may still
   * create it: look it up by name.
   */
  async createDomain(xml: string, options: CreateOptions = {}): Promise<Domain> {
    const { files, signal } = options;
    const flags = toFlags(startBits, options);
    return this.#wrap(
      await call(signal, (token) =>
        files === undefined
          ? this.#native.createDomain(xml, flags, token)
          : this.#native.createDomainWithFiles(xml, files, flags, token),
      ),
    );
  }

  /** Finds a domain; one that is not there is a `LibvirtError` with the code `NO_DOMAIN`. */
  async lookupByName(name: string, options: CallOptions = {}): Promise<Domain> {
    return this.#wrap(
      await call(options.signal, (token) => this.#native.lookupByName(name, token)),
    );
  }

  /** Finds a domain by its UUID, in the usual form with hyphens. */
  async lookupByUuid(uuid: string, options: CallOptions = {}): Promise<Domain> {
    return this.#wrap(
      await call(options.signal, (token) => this.#native.lookupByUuid(uuid, token)),
    );
  }

  /** By the hypervisor's number, which running domains alone have. */
  async lookupById(id: number, options: CallOptions = {}): Promise<Domain> {
    return this.#wrap(await call(options.signal, (token) => this.#native.lookupById(id, token)));
  }

  /** Takes over a QEMU process that was started without libvirt. */
  async attachProcess(pid: number, options: CallOptions = {}): Promise<Domain> {
    return this.#wrap(
      await call(options.signal, (token) => this.#native.attachProcess(pid, 0, token)),
    );
  }

  /**
   * Moves a running domain of another connection here, by way of this process, which must reach
   * both; gives the domain as it is here. `DomainMigration.toUri` leaves the work to the hosts.
   */
  async migrateHere(
    domain: Domain,
    params: MigrationParams = {},
    options: MigrateOptions = {},
  ): Promise<Domain> {
    const flags = toFlags(migrateBits, options);
    const list = toParams(migrationSchema, params);
    return this.#wrap(
      await call(options.signal, (token) =>
        this.#native.migrateHere(unwrapDomain(domain), list, flags, token),
      ),
    );
  }

  /** Starts a domain from the file that `DomainSaves.toFile` wrote. */
  async restoreDomain(path: string, options: SaveOptions = {}): Promise<void> {
    const { xml = null } = options;
    const flags = toFlags(saveBits, options);
    return call(options.signal, (token) => this.#native.restoreDomain(path, xml, flags, token));
  }

  /** As `restoreDomain`, by libvirt's newer function, which takes typed parameters. */
  async restoreDomainWith(path: string, options: SaveOptions = {}): Promise<void> {
    const flags = toFlags(saveBits, options);
    const list = toParams(saveSchema, { path, xml: options.xml });
    return call(options.signal, (token) => this.#native.restoreDomainWith(list, flags, token));
  }

  /** The definition in a file that `DomainSaves.toFile` wrote. */
  async saveImageXml(
    path: string,
    options: FlagOptions<typeof savedXmlBits> = {},
  ): Promise<string> {
    const flags = toFlags(savedXmlBits, options);
    return call(options.signal, (token) => this.#native.saveImageXml(path, flags, token));
  }

  /** Changes the definition in a file that `DomainSaves.toFile` wrote. */
  async defineSaveImageXml(
    path: string,
    xml: string,
    options: Pick<SaveOptions, 'running' | 'paused' | 'signal'> = {},
  ): Promise<void> {
    const flags = toFlags(saveBits, options);
    return call(options.signal, (token) =>
      this.#native.defineSaveImageXml(path, xml, flags, token),
    );
  }

  /** A domain's XML from the hypervisor's own configuration, such as `qemu-argv`. */
  async domainXmlFromNative(
    format: string,
    config: string,
    options: CallOptions = {},
  ): Promise<string> {
    return call(options.signal, (token) =>
      this.#native.domainXmlFromNative(format, config, 0, token),
    );
  }

  /** The hypervisor's own configuration of a domain, such as `qemu-argv`. */
  async domainXmlToNative(format: string, xml: string, options: CallOptions = {}): Promise<string> {
    return call(options.signal, (token) => this.#native.domainXmlToNative(format, xml, 0, token));
  }

  /** How many domains run, and how many are only defined. */
  async countDomains(options: CallOptions = {}): Promise<{ active: number; inactive: number }> {
    const { signal } = options;
    const [active, inactive] = await Promise.all([
      call(signal, (token) => this.#native.activeDomainCount(token)),
      call(signal, (token) => this.#native.inactiveDomainCount(token)),
    ]);
    return { active, inactive };
  }

  /** The statistics of many domains in one call. */
  async domainStats(options: StatsOptions = {}): Promise<StatsRecord[]> {
    return readStats(this.#native, options);
  }

  /** The domains that the filter lets pass; all of them without one. */
  async listDomains(filter: ListOptions = {}): Promise<Domain[]> {
    const flags = toFlags(listBits, filter);
    const domains = await call(filter.signal, (token) => this.#native.listDomains(flags, token));
    return domains.map((domain) => this.#wrap(domain));
  }

  /** Calls the listener for each event from now on, until the subscription is closed. */
  async watch<E extends DomainEventName>(
    event: E,
    listener: (event: DomainEvents[E]) => void,
    options: WatchOptions = {},
  ): Promise<Subscription> {
    const { domain, limit, signal } = options;
    const watched = domain === undefined ? undefined : unwrapDomain(domain);
    return this.#watcher.watchDomain(event, listener, { domain: watched, limit, signal });
  }

  /** As `watch`, for the events of QEMU's monitor: all, or those of one name. */
  async watchQmp(
    event: string | null,
    listener: (event: QmpEvent) => void,
    options: WatchOptions = {},
  ): Promise<Subscription> {
    const { domain, limit, signal } = options;
    const watched = domain === undefined ? undefined : unwrapDomain(domain);
    return this.#watcher.watchQmp(event, listener, { domain: watched, limit, signal });
  }

  /** Calls the listener when the connection is lost, with the reason; only remote ones can be. */
  async watchClose(
    listener: (reason: CloseReason) => void,
    options: CallOptions = {},
  ): Promise<Subscription> {
    return this.#watcher.watchClose(listener, options);
  }

  /** The events of all domains, for a `for await` loop; see `Domain.events`. */
  events<E extends DomainEventName>(
    event: E,
    options: EventsOptions = {},
  ): EventIterator<DomainEvents[E]> {
    return this.#watcher.domainEvents(event, options);
  }

  /** Waits for the calls that were made, then closes what was opened through it, then itself. */
  async close(): Promise<void> {
    return this.#native.close();
  }

  /** As `close`, at the end of an `await using` block. */
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
  const { authenticate, busyPollUs = defaultBusyPollUs, signal } = options;
  if (!(Number.isInteger(busyPollUs) && busyPollUs >= 0 && busyPollUs <= mostBusyPollUs)) {
    throw new RangeError(
      `busyPollUs must be a whole number from 0 to ${mostBusyPollUs}, not ${busyPollUs}`,
    );
  }
  const readOnly = options.readOnly === true ? readOnlyBit : 0;
  const flags = readOnly | (options.noAliases === true ? noAliasesBit : 0);
  const asked = authenticate === undefined ? null : toNativeAuthenticate(authenticate, signal);
  return wrapConnection(
    uri,
    await call(signal, (token) =>
      native.connect(uri, flags, busyPollUs, asked !== null, asked, token),
    ),
  );
}
