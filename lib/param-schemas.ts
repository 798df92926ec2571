/** The groups of typed parameters that can be set, with libvirt's names and types. */
import type { ParamsOf } from './typed-params.js';

export const schedulerSchema = {
  /** The weight among domains, 2 to 262144 with cgroups v1, 1 to 10000 with v2. */
  cpuShares: ['cpu_shares', 'ullong'],
  /** Microseconds; a quota is processor time per period, -1 for no limit. */
  globalPeriodUs: ['global_period', 'ullong'],
  globalQuotaUs: ['global_quota', 'llong'],
  vcpuPeriodUs: ['vcpu_period', 'ullong'],
  vcpuQuotaUs: ['vcpu_quota', 'llong'],
  emulatorPeriodUs: ['emulator_period', 'ullong'],
  emulatorQuotaUs: ['emulator_quota', 'llong'],
  ioThreadPeriodUs: ['iothread_period', 'ullong'],
  ioThreadQuotaUs: ['iothread_quota', 'llong'],
  /** The test driver's, and Xen's. */
  weight: ['weight', 'uint'],
} as const;

export const memoryLimitsSchema = {
  /** KiB; 9007199254740991 is no limit. */
  hardLimitKib: ['hard_limit', 'ullong'],
  softLimitKib: ['soft_limit', 'ullong'],
  minGuaranteeKib: ['min_guarantee', 'ullong'],
  /** Of memory and swap together. */
  swapHardLimitKib: ['swap_hard_limit', 'ullong'],
} as const;

export const numaSchema = {
  /** Such as `0-1`. */
  nodeset: ['numa_nodeset', 'string'],
  /** `virDomainNumatuneMemMode`: 0 strict, 1 preferred, 2 interleave, 3 restrictive. */
  mode: ['numa_mode', 'int'],
} as const;

/** The values for devices are lists such as `/dev/sda,500,/dev/sdb,600`. */
export const blkioSchema = {
  weight: ['weight', 'uint'],
  deviceWeights: ['device_weight', 'string'],
  deviceReadIops: ['device_read_iops_sec', 'string'],
  deviceWriteIops: ['device_write_iops_sec', 'string'],
  deviceReadBytes: ['device_read_bytes_sec', 'string'],
  deviceWriteBytes: ['device_write_bytes_sec', 'string'],
} as const;

/** Limits per second; 0 is no limit. */
export const ioTuneSchema = {
  totalBytes: ['total_bytes_sec', 'ullong'],
  readBytes: ['read_bytes_sec', 'ullong'],
  writeBytes: ['write_bytes_sec', 'ullong'],
  totalIops: ['total_iops_sec', 'ullong'],
  readIops: ['read_iops_sec', 'ullong'],
  writeIops: ['write_iops_sec', 'ullong'],
  totalBytesMax: ['total_bytes_sec_max', 'ullong'],
  readBytesMax: ['read_bytes_sec_max', 'ullong'],
  writeBytesMax: ['write_bytes_sec_max', 'ullong'],
  totalIopsMax: ['total_iops_sec_max', 'ullong'],
  readIopsMax: ['read_iops_sec_max', 'ullong'],
  writeIopsMax: ['write_iops_sec_max', 'ullong'],
  totalBytesMaxSeconds: ['total_bytes_sec_max_length', 'ullong'],
  readBytesMaxSeconds: ['read_bytes_sec_max_length', 'ullong'],
  writeBytesMaxSeconds: ['write_bytes_sec_max_length', 'ullong'],
  totalIopsMaxSeconds: ['total_iops_sec_max_length', 'ullong'],
  readIopsMaxSeconds: ['read_iops_sec_max_length', 'ullong'],
  writeIopsMaxSeconds: ['write_iops_sec_max_length', 'ullong'],
  /** How large an operation is that counts as one. */
  operationBytes: ['size_iops_sec', 'ullong'],
  /** Disks with the same name share these limits. */
  groupName: ['group_name', 'string'],
} as const;

/** Averages and peaks in KiB per second, bursts in KiB. */
export const bandwidthSchema = {
  inboundAverage: ['inbound.average', 'uint'],
  inboundPeak: ['inbound.peak', 'uint'],
  inboundBurst: ['inbound.burst', 'uint'],
  inboundFloor: ['inbound.floor', 'uint'],
  outboundAverage: ['outbound.average', 'uint'],
  outboundPeak: ['outbound.peak', 'uint'],
  outboundBurst: ['outbound.burst', 'uint'],
} as const;

/** Which performance counters the host keeps for a domain. */
export const perfEventsSchema = {
  cmt: ['cmt', 'boolean'],
  mbmt: ['mbmt', 'boolean'],
  mbml: ['mbml', 'boolean'],
  cacheMisses: ['cache_misses', 'boolean'],
  cacheReferences: ['cache_references', 'boolean'],
  instructions: ['instructions', 'boolean'],
  cpuCycles: ['cpu_cycles', 'boolean'],
  branchInstructions: ['branch_instructions', 'boolean'],
  branchMisses: ['branch_misses', 'boolean'],
  busCycles: ['bus_cycles', 'boolean'],
  stalledCyclesFrontend: ['stalled_cycles_frontend', 'boolean'],
  stalledCyclesBackend: ['stalled_cycles_backend', 'boolean'],
  refCpuCycles: ['ref_cpu_cycles', 'boolean'],
  cpuClock: ['cpu_clock', 'boolean'],
  taskClock: ['task_clock', 'boolean'],
  pageFaults: ['page_faults', 'boolean'],
  contextSwitches: ['context_switches', 'boolean'],
  cpuMigrations: ['cpu_migrations', 'boolean'],
  pageFaultsMin: ['page_faults_min', 'boolean'],
  pageFaultsMaj: ['page_faults_maj', 'boolean'],
  alignmentFaults: ['alignment_faults', 'boolean'],
  emulationFaults: ['emulation_faults', 'boolean'],
} as const;

export const ioThreadSchema = {
  pollMaxNs: ['poll_max_ns', 'ullong'],
  pollGrow: ['poll_grow', 'uint'],
  pollShrink: ['poll_shrink', 'uint'],
  threadPoolMin: ['thread_pool_min', 'int'],
  threadPoolMax: ['thread_pool_max', 'int'],
} as const;

export const blockCopySchema = {
  /** Bytes per second. */
  bandwidth: ['bandwidth', 'ullong'],
  granularityBytes: ['granularity', 'uint'],
  bufferBytes: ['buf-size', 'ullong'],
} as const;

export const migrationSchema = {
  /** Where the destination listens, if libvirt shall not choose. */
  uri: ['migrate_uri', 'string'],
  destinationName: ['destination_name', 'string'],
  destinationXml: ['destination_xml', 'string'],
  persistentXml: ['persistent_xml', 'string'],
  bandwidthMibPerSecond: ['bandwidth', 'ullong'],
  postCopyBandwidthMibPerSecond: ['bandwidth.postcopy', 'ullong'],
  graphicsUri: ['graphics_uri', 'string'],
  listenAddress: ['listen_address', 'string'],
  disksPort: ['disks_port', 'int'],
  disksUri: ['disks_uri', 'string'],
  /** `xbzrle` or `mt`. */
  compression: ['compression', 'string'],
  compressionLevel: ['compression.mt.level', 'int'],
  compressionThreads: ['compression.mt.threads', 'int'],
  decompressionThreads: ['compression.mt.dthreads', 'int'],
  xbzrleCacheBytes: ['compression.xbzrle.cache', 'ullong'],
  autoConvergeInitial: ['auto_converge.initial', 'int'],
  autoConvergeIncrement: ['auto_converge.increment', 'int'],
  parallelConnections: ['parallel.connections', 'int'],
  tlsDestination: ['tls.destination', 'string'],
} as const;

export const launchSecuritySchema = {
  sevSecretHeader: ['sev-secret-header', 'string'],
  sevSecret: ['sev-secret', 'string'],
  sevSecretSetAddress: ['sev-secret-set-address', 'ullong'],
} as const;

export const saveSchema = {
  path: ['file', 'string'],
  xml: ['dxml', 'string'],
} as const;

/** Who is meant when libvirt checks what a caller may do. */
export const identitySchema = {
  userName: ['user-name', 'string'],
  userId: ['unix-user-id', 'ullong'],
  groupName: ['group-name', 'string'],
  groupId: ['unix-group-id', 'ullong'],
  processId: ['process-id', 'llong'],
  processTime: ['process-time', 'ullong'],
  saslUserName: ['sasl-user-name', 'string'],
  x509Name: ['x509-distinguished-name', 'string'],
  selinuxContext: ['selinux-context', 'string'],
} as const;

/** The kernel's merging of equal pages; what counts pages is read-only. */
export const nodeMemorySchema = {
  pagesToScan: ['shm_pages_to_scan', 'uint'],
  sleepMs: ['shm_sleep_millisecs', 'uint'],
  pagesShared: ['shm_pages_shared', 'ullong'],
  pagesSharing: ['shm_pages_sharing', 'ullong'],
  pagesUnshared: ['shm_pages_unshared', 'ullong'],
  pagesVolatile: ['shm_pages_volatile', 'ullong'],
  fullScans: ['shm_full_scans', 'ullong'],
  mergeAcrossNodes: ['shm_merge_across_nodes', 'uint'],
} as const;

/** Shares and quotas of processor time. */
export type SchedulerParams = ParamsOf<typeof schedulerSchema>;
/** Limits of the host's memory for the domain's process. */
export type MemoryLimits = ParamsOf<typeof memoryLimitsSchema>;
/** Which NUMA nodes the memory comes from. */
export type NumaParams = ParamsOf<typeof numaSchema>;
/** Weights and limits of block I/O by the host's devices. */
export type BlkioParams = ParamsOf<typeof blkioSchema>;
/** Limits of one disk, per second. */
export type IoTune = ParamsOf<typeof ioTuneSchema>;
/** Limits of a network interface. */
export type Bandwidth = ParamsOf<typeof bandwidthSchema>;
/** Performance counters, on or off. */
export type PerfEvents = ParamsOf<typeof perfEventsSchema>;
/** How an I/O thread polls. */
export type IoThreadParams = ParamsOf<typeof ioThreadSchema>;
/** How a disk is copied. */
export type BlockCopyParams = ParamsOf<typeof blockCopySchema>;
/** How a domain migrates. */
export type MigrationParams = ParamsOf<typeof migrationSchema>;
/** The secret that a guest with encrypted memory gets. */
export type LaunchSecret = ParamsOf<typeof launchSecuritySchema>;
/** An identity that a connection speaks for. */
export type Identity = ParamsOf<typeof identitySchema>;
/** The kernel's merging of equal pages. */
export type NodeMemoryParams = ParamsOf<typeof nodeMemorySchema>;
