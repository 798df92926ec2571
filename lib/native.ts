/**
 * All that is native, in the order of `native/`. Plain data crosses: absent is `null`, flags are
 * libvirt's bits, sizes are KiB. Defaults and names are made in the other files of `lib/`.
 */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** Passed with one call; `cancel` withdraws it, or has its result dropped. */
export interface NativeCancelToken {
  cancel(): void;
}

type Token = NativeCancelToken | undefined;

/** `native/connection.h`; `watch` registers at libvirt before it resolves. */
export interface NativeConnection {
  version(token: Token): Promise<{ libvirt: string; hypervisor: string }>;
  hostname(token: Token): Promise<string>;
  capabilities(token: Token): Promise<string>;
  domainCapabilities(
    emulator: string | null,
    arch: string | null,
    machine: string | null,
    virtType: string | null,
    token: Token,
  ): Promise<string>;
  isAlive(token: Token): Promise<boolean>;
  defineDomain(xml: string, flags: number, token: Token): Promise<NativeDomain>;
  createDomain(xml: string, flags: number, token: Token): Promise<NativeDomain>;
  lookupByName(name: string, token: Token): Promise<NativeDomain>;
  lookupByUuid(uuid: string, token: Token): Promise<NativeDomain>;
  listDomains(flags: number, token: Token): Promise<NativeDomain[]>;
  watch(
    event: string,
    domain: NativeDomain | null,
    limit: number,
    token: Token,
  ): Promise<NativeSubscription>;
  close(): Promise<void>;
}

/** `native/domain.h`. */
export interface NativeDomain {
  readonly name: string;
  readonly uuid: string;
  id(token: Token): Promise<number | null>;
  xml(flags: number, token: Token): Promise<string>;
  state(token: Token): Promise<{ state: number; reason: number }>;
  info(token: Token): Promise<{
    state: number;
    maxMemoryKib: number;
    memoryKib: number;
    vcpus: number;
    cpuTimeNs: bigint;
  }>;
  isPersistent(token: Token): Promise<boolean>;
  start(flags: number, token: Token): Promise<void>;
  resume(token: Token): Promise<void>;
  suspend(token: Token): Promise<void>;
  shutdown(flags: number, token: Token): Promise<void>;
  destroy(flags: number, overtake: boolean, token: Token): Promise<void>;
  undefine(flags: number, token: Token): Promise<void>;
  abortJob(token: Token): Promise<void>;
  setMemory(memoryKib: number, flags: number, token: Token): Promise<void>;
  memoryStats(token: Token): Promise<MemoryStats>;
  setMemoryStatsPeriod(seconds: number, flags: number, token: Token): Promise<void>;
  updateDevice(xml: string, flags: number, token: Token): Promise<void>;
  monitorCommand(command: string, token: Token): Promise<string>;
  monitorCommandWithFiles(
    command: string,
    files: readonly number[],
    token: Token,
  ): Promise<{ text: string; files: number[] }>;
  close(): Promise<void>;
}

/** `virDomainMemoryStats`; `null` is what the hypervisor or the guest did not report. */
export interface MemoryStats {
  readonly swapInKib: number | null;
  readonly swapOutKib: number | null;
  readonly majorFaults: number | null;
  readonly minorFaults: number | null;
  /** What the guest leaves wholly unused. */
  readonly unusedKib: number | null;
  /** What the guest has, seen from inside. */
  readonly availableKib: number | null;
  readonly balloonKib: number | null;
  /** The resident size of the domain's process on the host. */
  readonly residentKib: number | null;
  /** What the guest could give up without swapping. */
  readonly usableKib: number | null;
  /** When the guest last reported, in seconds since 1970. */
  readonly lastUpdateSeconds: number | null;
  readonly diskCachesKib: number | null;
  readonly hugePages: number | null;
  readonly hugePagesFailed: number | null;
}

/** An event as plain data; which members it has depends on its kind. */
export type NativeEvent = Readonly<Record<string, string | number | null>>;

/** `native/subscription.h`; events wait in its queue until `listen` is called. */
export interface NativeSubscription {
  listen(listener: (event: NativeEvent) => void): void;
  readonly dropped: number;
  close(): Promise<void>;
}

interface Native {
  CancelToken: new () => NativeCancelToken;
  connect(uri: string, readOnly: boolean, token: Token): Promise<NativeConnection>;
}

function load(): Native {
  const built = fileURLToPath(new URL('../Release/ballast_libvirt.node', import.meta.url));
  const path = process.env.BALLAST_LIBVIRT_ADDON ?? built;
  try {
    return createRequire(import.meta.url)(path) as Native;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(
      `The libvirt addon ${path} cannot be loaded: ${reason}. ` +
        'Build it with "npm run build:native"; ' +
        'that needs libvirt-dev, pkg-config and a C++20 compiler.',
      { cause },
    );
  }
}

export const native: Native = load();
