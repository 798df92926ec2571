/** A typed binding to libvirt: connections, domains, their memory, QEMU's monitor, events. */
export type { CallOptions } from './call.js';
export {
  Connection,
  type ConnectOptions,
  type CreateOptions,
  connect,
  type DefineOptions,
  type DomainCapabilitiesOptions,
  type ListOptions,
  type WatchOptions,
} from './connection.js';
export {
  type DestroyOptions,
  Domain,
  type DomainInfo,
  type ImpactOptions,
  type QmpOptions,
  type SetMemoryOptions,
  type ShutdownOptions,
  type StartOptions,
  type UndefineOptions,
  type UpdateDeviceOptions,
  type XmlOptions,
} from './domain.js';
export type { DomainState } from './domain-state.js';
export { BusyError, ClosedError, LibvirtError, QmpError } from './errors.js';
export type {
  DomainEventName,
  DomainEvents,
  EventDomain,
  LifecycleEventName,
} from './events.js';
export type { MemoryStats } from './native.js';
export { Subscription } from './subscription.js';
