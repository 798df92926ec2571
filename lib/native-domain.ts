import type { FileSystem, InterfaceStats, MemoryStats } from './domain-answers.js';
import type { Method, NativeStream } from './native-types.js';
import type { NativeParam, NativeParams } from './typed-params.js';

type Flags = [flags: number];
type Params = [parameters: NativeParam[], flags: number];
type Xml = [xml: string, flags: number];
type Files = readonly number[];
type Opened = { stream: NativeStream; type: string | null };

/** `native/domain.h` */
export interface NativeDomain
  extends NativeState,
    NativeLifecycle,
    NativeMemory,
    NativeSave,
    NativeJobs,
    NativeBlocks,
    NativeInterfaces,
    NativeTuning,
    NativeCpus,
    NativeGuest,
    NativeSnapshots,
    NativeMigration {
  readonly name: string;
  readonly uuid: string;
  securityLabels: Method<[], { label: string; enforcing: boolean }[]>;
  launchSecurity: Method<Flags, NativeParams>;
  setLaunchSecurity: Method<Params>;
  attachDevice: Method<Xml>;
  detachDevice: Method<Xml>;
  detachDeviceAlias: Method<[alias: string, flags: number]>;
  updateDevice: Method<Xml>;
  monitorCommand: Method<[command: string], string>;
  monitorQuery: Method<[command: string], string>;
  monitorCommandWithFiles: Method<
    [command: string, files: Files],
    { text: string; files: number[] }
  >;
  openConsole: Method<[device: string | null, flags: number], Opened>;
  openChannel: Method<[device: string | null, flags: number], Opened>;
  screenshot: Method<[screen: number], Opened>;
  close(): Promise<void>;
}

/** `native/domain_state.cc` */
interface NativeState {
  id: Method<[], number | null>;
  xml: Method<Flags, string>;
  state: Method<[], { state: number; reason: number }>;
  info: Method<
    [],
    {
      state: number;
      maxMemoryKib: number;
      memoryKib: number;
      vcpus: number;
      cpuTimeNs: bigint;
    }
  >;
  controlInfo: Method<[], { state: number; details: number; stateMs: number }>;
  isPersistent: Method<[], boolean>;
  isActive: Method<[], boolean>;
  isUpdated: Method<[], boolean>;
  osType: Method<[], string>;
  messages: Method<Flags, string[]>;
  metadata: Method<[type: number, uri: string | null, flags: number], string>;
  setMetadata: Method<
    [type: number, metadata: string | null, key: string | null, uri: string | null, flags: number]
  >;
  autostart: Method<[], number>;
  setAutostart: Method<[autostart: number]>;
  rename: Method<[name: string, flags: number]>;
}

/** `native/domain_lifecycle.cc` */
interface NativeLifecycle {
  start: Method<Flags>;
  startWithFiles: Method<[files: Files, flags: number]>;
  resume: Method<[]>;
  suspend: Method<[]>;
  shutdown: Method<Flags>;
  reboot: Method<Flags>;
  reset: Method<Flags>;
  destroy: Method<Flags>;
  destroyNow: Method<Flags>;
  undefine: Method<Flags>;
  pmSuspend: Method<[target: number, durationSeconds: number, flags: number]>;
  pmWakeup: Method<Flags>;
  setLifecycleAction: Method<[event: number, action: number, flags: number]>;
  injectNmi: Method<Flags>;
  sendKey: Method<[codeset: number, holdMs: number, keycodes: Files, flags: number]>;
  sendProcessSignal: Method<[pid: number, signal: number, flags: number]>;
  associateFiles: Method<[name: string, files: Files, flags: number]>;
  openGraphics: Method<[index: number, flags: number], number>;
  connectGraphics: Method<[index: number, file: number, flags: number]>;
  autostartOnce: Method<[], number>;
  setAutostartOnce: Method<[autostart: number]>;
  reloadGraphics: Method<[type: number, flags: number]>;
}

/** `native/domain_memory.cc` */
interface NativeMemory {
  setMemory: Method<[memoryKib: number, flags: number]>;
  maxMemoryKib: Method<[], number>;
  memoryStats: Method<[], MemoryStats>;
  setMemoryStatsPeriod: Method<[seconds: number, flags: number]>;
  memoryPeek: Method<[start: number, sizeBytes: number, flags: number], Buffer>;
  startDirtyRate: Method<[seconds: number, flags: number]>;
}

/** `native/domain_save.cc` */
interface NativeSave {
  save: Method<[path: string, xml: string | null, flags: number]>;
  saveWith: Method<Params>;
  managedSave: Method<Flags>;
  hasManagedSave: Method<Flags, boolean>;
  removeManagedSave: Method<Flags>;
  managedSaveXml: Method<Flags, string>;
  defineManagedSaveXml: Method<Xml>;
  coreDump: Method<[path: string, format: number, flags: number]>;
}

/** `native/domain_jobs.cc` */
interface NativeJobs {
  jobInfo: Method<[], Readonly<Record<string, number>>>;
  jobStats: Method<Flags, { type: number; stats: NativeParams }>;
  abortJob: Method<[]>;
  abortJobWith: Method<Flags>;
  beginBackup: Method<[xml: string, checkpointXml: string | null, flags: number]>;
  backupXml: Method<Flags, string>;
}

/** `native/domain_blocks.cc`, `native/domain_block_jobs.cc` */
interface NativeBlocks {
  blockInfo: Method<
    [disk: string],
    { capacityBytes: number; allocationBytes: number; physicalBytes: number }
  >;
  blockStats: Method<[disk: string, flags: number], NativeParams>;
  resizeBlock: Method<[disk: string, size: number, flags: number]>;
  blockPeek: Method<[disk: string, offsetBytes: number, sizeBytes: number], Buffer>;
  blockIoTune: Method<[disk: string, flags: number], NativeParams>;
  setBlockIoTune: Method<[disk: string, parameters: NativeParam[], flags: number]>;
  setBlockThreshold: Method<[device: string, thresholdBytes: number, flags: number]>;
  diskErrors: Method<[], { disk: string; error: number }[]>;
  blockJobInfo: Method<
    [disk: string, flags: number],
    { type: number; bandwidth: number; current: number; end: number } | null
  >;
  abortBlockJob: Method<[disk: string, flags: number]>;
  setBlockJobSpeed: Method<[disk: string, bandwidth: number, flags: number]>;
  blockPull: Method<[disk: string, bandwidth: number, flags: number]>;
  blockRebase: Method<[disk: string, base: string | null, bandwidth: number, flags: number]>;
  blockCommit: Method<
    [disk: string, base: string | null, top: string | null, bandwidth: number, flags: number]
  >;
  blockCopy: Method<[disk: string, xml: string, parameters: NativeParam[], flags: number]>;
  setThrottleGroup: Method<[group: string, parameters: NativeParam[], flags: number]>;
  deleteThrottleGroup: Method<[group: string, flags: number]>;
}

/** `native/domain_interfaces.cc` */
interface NativeInterfaces {
  interfaceStats: Method<[device: string], InterfaceStats>;
  interfaceParameters: Method<[device: string, flags: number], NativeParams>;
  setInterfaceParameters: Method<[device: string, parameters: NativeParam[], flags: number]>;
  interfaceAddresses: Method<
    [source: number],
    {
      name: string;
      mac: string | null;
      addresses: { type: number; address: string; prefix: number }[];
    }[]
  >;
}

/** `native/domain_tuning.cc` */
interface NativeTuning {
  schedulerType: Method<[], string>;
  schedulerParameters: Method<[], NativeParams>;
  schedulerParametersWith: Method<Flags, NativeParams>;
  setSchedulerParameters: Method<[parameters: NativeParam[]]>;
  setSchedulerParametersWith: Method<Params>;
  memoryParameters: Method<Flags, NativeParams>;
  setMemoryParameters: Method<Params>;
  numaParameters: Method<Flags, NativeParams>;
  setNumaParameters: Method<Params>;
  blkioParameters: Method<Flags, NativeParams>;
  setBlkioParameters: Method<Params>;
  perfEvents: Method<Flags, NativeParams>;
  setPerfEvents: Method<Params>;
}

/** `native/domain_cpus.cc` */
interface NativeCpus {
  vcpuCount: Method<Flags, number>;
  setVcpuCount: Method<[count: number, flags: number]>;
  maxVcpus: Method<[], number>;
  setVcpus: Method<[vcpus: string, state: number, flags: number]>;
  vcpus: Method<
    [],
    {
      number: number;
      state: number;
      cpuTimeNs: bigint;
      cpu: number | null;
      affinity: number[];
    }[]
  >;
  pinVcpu: Method<[vcpu: number, cpus: Files, flags: number]>;
  vcpuPins: Method<Flags, number[][]>;
  pinEmulator: Method<[cpus: Files, flags: number]>;
  emulatorPin: Method<Flags, number[] | null>;
  totalCpuStats: Method<[], NativeParams>;
  eachCpuStats: Method<[], NativeParams[]>;
  guestVcpus: Method<Flags, NativeParams>;
  setGuestVcpus: Method<[vcpus: string, state: number, flags: number]>;
  ioThreads: Method<Flags, { id: number; affinity: number[] }[]>;
  pinIoThread: Method<[id: number, cpus: Files, flags: number]>;
  addIoThread: Method<[id: number, flags: number]>;
  deleteIoThread: Method<[id: number, flags: number]>;
  setIoThreadParameters: Method<[id: number, parameters: NativeParam[], flags: number]>;
}

/** `native/domain_guest.cc` */
interface NativeGuest {
  agentCommand: Method<[command: string, timeoutSeconds: number, flags: number], string>;
  setAgentTimeout: Method<[timeoutSeconds: number, flags: number]>;
  guestInfo: Method<[types: number, flags: number], NativeParams>;
  guestHostname: Method<Flags, string>;
  fileSystems: Method<[], FileSystem[]>;
  freezeFileSystems: Method<[mountPoints: readonly string[], flags: number], number>;
  thawFileSystems: Method<[mountPoints: readonly string[], flags: number], number>;
  trimFileSystems: Method<[mountPoint: string | null, minimumBytes: number, flags: number]>;
  time: Method<[], { seconds: number; nanoseconds: number }>;
  setTime: Method<[seconds: number, nanoseconds: number, flags: number]>;
  setUserPassword: Method<[user: string, password: string, flags: number]>;
  sshKeys: Method<[user: string, flags: number], string[]>;
  setSshKeys: Method<[user: string, keys: readonly string[], flags: number]>;
}

/** `native/domain_snapshots.cc`, `native/domain_checkpoints.cc` */
interface NativeSnapshots {
  createSnapshot: Method<Xml, string>;
  snapshots: Method<Flags, string[]>;
  snapshotCount: Method<Flags, number>;
  hasCurrentSnapshot: Method<Flags, boolean>;
  currentSnapshot: Method<Flags, string>;
  snapshotXml: Method<[name: string, flags: number], string>;
  snapshotParent: Method<[name: string, flags: number], string>;
  snapshotChildren: Method<[name: string, flags: number], string[]>;
  snapshotChildCount: Method<[name: string, flags: number], number>;
  isCurrentSnapshot: Method<[name: string, flags: number], boolean>;
  snapshotHasMetadata: Method<[name: string, flags: number], boolean>;
  revertToSnapshot: Method<[name: string, flags: number]>;
  deleteSnapshot: Method<[name: string, flags: number]>;
  createCheckpoint: Method<Xml, string>;
  checkpoints: Method<Flags, string[]>;
  checkpointXml: Method<[name: string, flags: number], string>;
  checkpointParent: Method<[name: string, flags: number], string>;
  checkpointChildren: Method<[name: string, flags: number], string[]>;
  deleteCheckpoint: Method<[name: string, flags: number]>;
}

/** `native/domain_migration.cc` */
interface NativeMigration {
  migrateToUri: Method<[uri: string | null, parameters: NativeParam[], flags: number]>;
  migrationMaxDowntimeMs: Method<Flags, number>;
  setMigrationMaxDowntime: Method<[downtimeMs: number, flags: number]>;
  migrationMaxSpeedMib: Method<Flags, number>;
  setMigrationMaxSpeed: Method<[speedMib: number, flags: number]>;
  migrationCacheBytes: Method<Flags, number>;
  setMigrationCache: Method<[sizeBytes: number, flags: number]>;
  startPostCopy: Method<Flags>;
}
