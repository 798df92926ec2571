import type { NativeEvent } from './native.js';

/** The domain that an event is about. */
export interface EventDomain {
  readonly name: string;
  readonly uuid: string;
}

/** What can happen to a domain as a whole: `virDomainEventType` by name. */
export type LifecycleEventName = (typeof lifecycleNames)[number];

/** What a listener of each event gets. Sizes are KiB. */
export interface DomainEvents {
  /**
   * `detail` is libvirt's number of the event's cause, such as `virDomainEventStoppedDetailType`.
   */
  lifecycle: { domain: EventDomain; event: LifecycleEventName; detail: number };
  reboot: { domain: EventDomain };
  'balloon-change': { domain: EventDomain; memoryKib: number };
  'device-added': { domain: EventDomain; alias: string };
  'device-removed': { domain: EventDomain; alias: string };
  'memory-failure': {
    domain: EventDomain;
    recipient: 'hypervisor' | 'guest' | 'unknown';
    action: 'ignore' | 'inject' | 'fatal' | 'reset' | 'unknown';
    actionRequired: boolean;
    recursive: boolean;
  };
  /** A virtio-mem device changed its size. QEMU sends at most one a second. */
  'memory-device-size-change': { domain: EventDomain; alias: string; sizeKib: number };
}

/** The events that `watch` takes. */
export type DomainEventName = keyof DomainEvents;

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
  'unknown',
] as const;
const failureRecipients = ['hypervisor', 'guest'] as const;
const failureActions = ['ignore', 'inject', 'fatal', 'reset'] as const;

const named = <T>(names: readonly T[], value: unknown): T | 'unknown' =>
  names[Number(value)] ?? 'unknown';

/** Turns native plain data into the event that a listener gets. */
const decoders: {
  [E in DomainEventName]: (native: NativeEvent) => Omit<DomainEvents[E], 'domain'>;
} = {
  lifecycle: (native) => ({
    event: named(lifecycleNames, native.event),
    detail: Number(native.detail),
  }),
  reboot: () => ({}),
  'balloon-change': (native) => ({ memoryKib: Number(native.memoryKib) }),
  'device-added': (native) => ({ alias: String(native.alias) }),
  'device-removed': (native) => ({ alias: String(native.alias) }),
  'memory-failure': (native) => ({
    recipient: named(failureRecipients, native.recipient),
    action: named(failureActions, native.action),
    actionRequired: (Number(native.flags) & 1) !== 0,
    recursive: (Number(native.flags) & 2) !== 0,
  }),
  'memory-device-size-change': (native) => ({
    alias: String(native.alias),
    sizeKib: Number(native.sizeKib),
  }),
};

export const domainEventNames = Object.keys(decoders) as readonly DomainEventName[];

/** The event that a listener gets, from the addon's plain data. */
export function decodeEvent<E extends DomainEventName>(
  event: E,
  native: NativeEvent,
): DomainEvents[E] {
  const domain = { name: String(native.name), uuid: String(native.uuid) };
  return { domain, ...decoders[event](native) } as DomainEvents[E];
}
