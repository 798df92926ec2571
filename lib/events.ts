import { type CloseReason, closeReasons } from './close-reason.js';
import { type BlockJobType, blockJobTypes } from './domain-disk.js';
import { type MetadataKind, metadataKinds } from './domain-options.js';
import { nameOf } from './names.js';
import type { NativeEvent } from './native-types.js';
import { type NativeParams, nestParams } from './typed-params.js';

/** The domain that an event is about. */
export interface EventDomain {
  readonly name: string;
  readonly uuid: string;
}

/** What can happen to a domain as a whole: `virDomainEventType` by name. */
export type LifecycleEventName = (typeof lifecycleNames)[number] | 'unknown';

/** An end of a display's connection. */
export interface GraphicsAddress {
  readonly family: 'ipv4' | 'ipv6' | 'unix' | 'unknown';
  readonly node: string | null;
  readonly service: string | null;
}

/** What happens to a block job: `virConnectDomainEventBlockJobStatus` by name. */
export type BlockJobStatus = (typeof blockJobStatuses)[number] | 'unknown';

/** A block job that began, became ready, or ended. */
export interface BlockJobEvent {
  readonly domain: EventDomain;
  /** Its target, such as `vda`; with `block-job-path`, the path of the image. */
  readonly disk: string;
  readonly type: BlockJobType;
  readonly status: BlockJobStatus;
}

/** What a listener of each event gets. Sizes are KiB. */
export interface DomainEvents {
  /**
   * `detail` is libvirt's number of the event's cause, such as `virDomainEventStoppedDetailType`.
   */
  lifecycle: { domain: EventDomain; event: LifecycleEventName; detail: number };
  reboot: { domain: EventDomain };
  /** The guest set its clock, so many seconds from UTC. */
  'rtc-change': { domain: EventDomain; offsetSeconds: number };
  /** The guest's watchdog ran out, and this was done. */
  watchdog: { domain: EventDomain; action: (typeof watchdogActions)[number] | 'unknown' };
  /** A disk failed; `reason` is `enospc` when the host has no space left. */
  'io-error': {
    domain: EventDomain;
    path: string;
    alias: string;
    action: (typeof ioErrorActions)[number] | 'unknown';
    reason: string;
  };
  /** Somebody connected to the display, or left. */
  graphics: {
    domain: EventDomain;
    phase: (typeof graphicsPhases)[number] | 'unknown';
    local: GraphicsAddress | null;
    remote: GraphicsAddress | null;
    authScheme: string;
    subject: readonly { readonly type: string; readonly name: string }[];
  };
  /** libvirt lost the hypervisor's monitor. */
  'control-error': { domain: EventDomain };
  'block-job': BlockJobEvent;
  'block-job-path': BlockJobEvent;
  'disk-change': {
    domain: EventDomain;
    oldPath: string | null;
    newPath: string | null;
    alias: string;
    reason: (typeof diskChangeReasons)[number] | 'unknown';
  };
  'tray-change': {
    domain: EventDomain;
    alias: string;
    reason: (typeof trayChangeReasons)[number] | 'unknown';
  };
  'pm-wakeup': { domain: EventDomain };
  'pm-suspend': { domain: EventDomain };
  'pm-suspend-disk': { domain: EventDomain };
  'balloon-change': { domain: EventDomain; memoryKib: number };
  'device-added': { domain: EventDomain; alias: string };
  'device-removed': { domain: EventDomain; alias: string };
  'device-removal-failed': { domain: EventDomain; alias: string };
  /** libvirt's fields, nested at their dots, such as `cputune.vcpupin0`. */
  tunable: { domain: EventDomain; parameters: Readonly<Record<string, unknown>> };
  'agent-lifecycle': {
    domain: EventDomain;
    state: (typeof agentStates)[number] | 'unknown';
    reason: (typeof agentReasons)[number] | 'unknown';
  };
  'migration-iteration': { domain: EventDomain; iteration: number };
  /** With what `DomainJobs.stats` gives. */
  'job-completed': { domain: EventDomain; parameters: Readonly<Record<string, unknown>> };
  'metadata-change': { domain: EventDomain; kind: MetadataKind | 'unknown'; uri: string | null };
  /** A write passed the threshold of `DomainDisk.setThreshold`, by this much. */
  'block-threshold': {
    domain: EventDomain;
    device: string;
    path: string | null;
    thresholdBytes: number;
    excessBytes: number;
  };
  'memory-failure': {
    domain: EventDomain;
    recipient: 'hypervisor' | 'guest' | 'unknown';
    action: 'ignore' | 'inject' | 'fatal' | 'reset' | 'unknown';
    actionRequired: boolean;
    recursive: boolean;
  };
  /** A virtio-mem device changed its size. QEMU sends at most one a second. */
  'memory-device-size-change': { domain: EventDomain; alias: string; sizeKib: number };
  /** The guest changed the address of a network device; from libvirt 11.2 on. */
  'nic-mac-change': { domain: EventDomain; alias: string; oldMac: string; newMac: string };
}

/** The events that `watch` takes. */
export type DomainEventName = keyof DomainEvents;

/** An event of QEMU's monitor. */
export interface QmpEvent {
  readonly domain: EventDomain;
  /** QEMU's name of it, such as `DEVICE_DELETED`. */
  readonly event: string;
  /** When it happened, in milliseconds since 1970. */
  readonly timeMs: number;
  readonly data: unknown;
}

/** `virDomainEventType`, by number. */
const lifecycleNames = [
  'defined',
  'undefined',
  'started',
  'suspended',
  'resumed',
  'stopped',
  'shutdown',
  'pmsuspended',
  'crashed',
] as const;
/** `virDomainEventWatchdogAction` */
const watchdogActions = [
  'none',
  'pause',
  'reset',
  'poweroff',
  'shutdown',
  'debug',
  'inject-nmi',
] as const;
/** `virDomainEventIOErrorAction` */
const ioErrorActions = ['none', 'pause', 'report'] as const;
/** `virDomainEventGraphicsPhase` */
const graphicsPhases = ['connect', 'initialize', 'disconnect'] as const;
/** `virDomainEventGraphicsAddressType` */
const graphicsFamilies = ['ipv4', 'ipv6', 'unix'] as const;
/** `virConnectDomainEventBlockJobStatus` */
const blockJobStatuses = ['completed', 'failed', 'canceled', 'ready'] as const;
/** `virConnectDomainEventDiskChangeReason` */
const diskChangeReasons = ['missing-on-start', 'dropped-on-start'] as const;
/** `virDomainEventTrayChangeReason` */
const trayChangeReasons = ['open', 'close'] as const;
/** `virConnectDomainEventAgentLifecycleState`; there is no 0. */
const agentStates = ['unknown', 'connected', 'disconnected'] as const;
/** `virConnectDomainEventAgentLifecycleReason` */
const agentReasons = ['unknown', 'domain-started', 'channel'] as const;
const failureRecipients = ['hypervisor', 'guest'] as const;
const failureActions = ['ignore', 'inject', 'fatal', 'reset'] as const;

const text = (value: unknown): string => (value === null ? '' : String(value));
const textOrNull = (value: unknown): string | null => (value === null ? null : String(value));
const nested = (value: unknown) =>
  nestParams(value as NativeParams) as Readonly<Record<string, unknown>>;

function addressOf(value: unknown): GraphicsAddress | null {
  if (value === null) return null;
  const { family, node, service } = value as NativeEvent;
  return {
    family: nameOf(graphicsFamilies, family),
    node: textOrNull(node),
    service: textOrNull(service),
  };
}

const plain = () => ({});
const device = (native: NativeEvent) => ({ alias: text(native.alias) });
const blockJob = (native: NativeEvent) => ({
  disk: text(native.disk),
  type: nameOf(blockJobTypes, native.type),
  status: nameOf(blockJobStatuses, native.status),
});
const parameters = (native: NativeEvent) => ({ parameters: nested(native.parameters) });

/** Turns native plain data into the event that a listener gets. */
const decoders: {
  [E in DomainEventName]: (native: NativeEvent) => Omit<DomainEvents[E], 'domain'>;
} = {
  lifecycle: (native) => ({
    event: nameOf(lifecycleNames, native.event),
    detail: Number(native.detail),
  }),
  reboot: plain,
  'rtc-change': (native) => ({ offsetSeconds: Number(native.offsetSeconds) }),
  watchdog: (native) => ({ action: nameOf(watchdogActions, native.action) }),
  'io-error': (native) => ({
    path: text(native.path),
    alias: text(native.alias),
    action: nameOf(ioErrorActions, native.action),
    reason: text(native.reason),
  }),
  graphics: (native) => ({
    phase: nameOf(graphicsPhases, native.phase),
    local: addressOf(native.local),
    remote: addressOf(native.remote),
    authScheme: text(native.authScheme),
    subject: native.subject as DomainEvents['graphics']['subject'],
  }),
  'control-error': plain,
  'block-job': blockJob,
  'block-job-path': blockJob,
  'disk-change': (native) => ({
    oldPath: textOrNull(native.oldPath),
    newPath: textOrNull(native.newPath),
    alias: text(native.alias),
    reason: nameOf(diskChangeReasons, native.reason),
  }),
  'tray-change': (native) => ({
    alias: text(native.alias),
    reason: nameOf(trayChangeReasons, native.reason),
  }),
  'pm-wakeup': plain,
  'pm-suspend': plain,
  'pm-suspend-disk': plain,
  'balloon-change': (native) => ({ memoryKib: Number(native.memoryKib) }),
  'device-added': device,
  'device-removed': device,
  'device-removal-failed': device,
  tunable: parameters,
  'agent-lifecycle': (native) => ({
    state: nameOf(agentStates, native.state),
    reason: nameOf(agentReasons, native.reason),
  }),
  'migration-iteration': (native) => ({ iteration: Number(native.iteration) }),
  'job-completed': parameters,
  'metadata-change': (native) => ({
    kind: nameOf(metadataKinds, native.type),
    uri: textOrNull(native.uri),
  }),
  'block-threshold': (native) => ({
    device: text(native.device),
    path: textOrNull(native.path),
    thresholdBytes: Number(native.thresholdBytes),
    excessBytes: Number(native.excessBytes),
  }),
  'memory-failure': (native) => ({
    recipient: nameOf(failureRecipients, native.recipient),
    action: nameOf(failureActions, native.action),
    actionRequired: (Number(native.flags) & 1) !== 0,
    recursive: (Number(native.flags) & 2) !== 0,
  }),
  'memory-device-size-change': (native) => ({
    alias: text(native.alias),
    sizeKib: Number(native.sizeKib),
  }),
  'nic-mac-change': (native) => ({
    alias: text(native.alias),
    oldMac: text(native.oldMac),
    newMac: text(native.newMac),
  }),
};

export const domainEventNames = Object.keys(decoders) as readonly DomainEventName[];

const domainOf = (native: NativeEvent): EventDomain => ({
  name: String(native.name),
  uuid: String(native.uuid),
});

/** The event that a listener gets, from the addon's plain data. */
export function decodeEvent<E extends DomainEventName>(
  event: E,
  native: NativeEvent,
): DomainEvents[E] {
  return { domain: domainOf(native), ...decoders[event](native) } as DomainEvents[E];
}

/** An event of QEMU's monitor, from the addon's plain data. */
export function decodeQmpEvent(native: NativeEvent): QmpEvent {
  const details = textOrNull(native.details);
  return {
    domain: domainOf(native),
    event: text(native.event),
    timeMs: Number(native.timeMs),
    data: details === null ? null : (JSON.parse(details) as unknown),
  };
}

/** Why the connection was lost, from the addon's plain data. */
export function decodeClose(native: NativeEvent): CloseReason {
  return nameOf(closeReasons, native.reason);
}
