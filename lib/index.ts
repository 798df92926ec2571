/** A typed binding to libvirt: connections, domains, their memory, QEMU's monitor, events. */
export type { Authenticate, Credential } from './authenticate.js';
export type { CallOptions } from './call.js';
export type { CloseReason } from './close-reason.js';
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
export { type ControlInfo, Domain, type DomainInfo } from './domain.js';
export type { FileSystem, InterfaceStats, MemoryStats } from './domain-answers.js';
export type { DomainConsoles } from './domain-consoles.js';
export type { CpuTimes, DomainCpus, GuestVcpus, Vcpu, VcpuOptions } from './domain-cpus.js';
export type {
  BlockInfo,
  BlockJobInfo,
  BlockJobOptions,
  BlockJobType,
  BlockStats,
  CommitOptions,
  CopyOptions,
  DomainDisk,
  RebaseOptions,
} from './domain-disk.js';
export type {
  AgentOptions,
  DomainGuest,
  GuestInfo,
  GuestInfoOptions,
  GuestList,
} from './domain-guest.js';
export type { AddressSource, DomainInterface, InterfaceAddresses } from './domain-interface.js';
export type { DomainJobs, JobInfo, JobStats, JobType } from './domain-jobs.js';
export {
  type Balloon,
  type DomainMemory,
  type SettleOptions,
  SettleTimeoutError,
  type VirtioMem,
} from './domain-memory.js';
export type { DomainMetadata } from './domain-metadata.js';
export type { DomainMigration, MigrateOptions } from './domain-migration.js';
export type {
  DestroyOptions,
  ImpactOptions,
  KeyCodeset,
  MessageOptions,
  MetadataKind,
  MetadataOptions,
  QmpOptions,
  SendKeyOptions,
  SetMemoryOptions,
  ShutdownOptions,
  StartOptions,
  UndefineOptions,
  UpdateDeviceOptions,
  XmlOptions,
} from './domain-options.js';
export type { DomainSaves, DumpFormat, DumpOptions, SaveOptions } from './domain-saves.js';
export type { DomainSecurity, LaunchSecurity } from './domain-security.js';
export type { DomainCheckpoints, DomainSnapshots } from './domain-snapshots.js';
export type { DomainState } from './domain-state.js';
export type {
  DomainStats,
  StatsGroup,
  StatsItems,
  StatsOptions,
  StatsRecord,
  StatsTree,
} from './domain-stats.js';
export type { DomainTuning } from './domain-tuning.js';
export {
  BusyError,
  ClosedError,
  ConnectionLostError,
  LibvirtError,
  QmpError,
} from './errors.js';
export type { EventIterator, EventsOptions } from './event-iterator.js';
export type {
  BlockJobEvent,
  BlockJobStatus,
  DomainEventName,
  DomainEvents,
  EventDomain,
  GraphicsAddress,
  LifecycleEventName,
  QmpEvent,
} from './events.js';
export type { CpuComparison, CpuKind, HypervisorCpus } from './hypervisor-cpus.js';
export type {
  CellOptions,
  HostNode,
  NodeCpuStats,
  NodeInfo,
  NodeMemoryStats,
} from './node.js';
export type {
  Bandwidth,
  BlkioParams,
  BlockCopyParams,
  Identity,
  IoThreadParams,
  IoTune,
  LaunchSecret,
  MemoryLimits,
  MigrationParams,
  NodeMemoryParams,
  NumaParams,
  PerfEvents,
  SchedulerParams,
} from './param-schemas.js';
export type { QmpCommandName, QmpCommands, QmpMemoryDevice, QmpMigration } from './qmp-commands.js';
export type { HostStorage, VolumeOptions } from './storage.js';
export type { LibvirtStream } from './stream.js';
export { Subscription } from './subscription.js';
