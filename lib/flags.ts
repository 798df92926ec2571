/** libvirt's flags: their bits, under the names that the options have in `lib/`. */
import type { CallOptions } from './call.js';

/** Options of a call of which some are flags: what is true is set. */
export type FlagOptions<B extends Readonly<Record<string, number>>> = CallOptions & {
  readonly [Name in keyof B]?: boolean | undefined;
};

/** Adds the bits of the options that are true. */
export function toFlags<B extends Readonly<Record<string, number>>>(
  bits: B,
  options: { readonly [Name in keyof B]?: boolean | undefined },
): number {
  let flags = 0;
  for (const [name, bit] of Object.entries(bits)) {
    if (options[name] === true) flags += bit;
  }
  return flags;
}

/** `virDomainCreateFlags` */
export const startBits = {
  paused: 1,
  autoDestroy: 2,
  bypassCache: 4,
  forceBoot: 8,
  validate: 16,
  resetNvram: 32,
} as const;
/** `virDomainDefineFlags` */
export const defineBits = { validate: 1 } as const;
/** `virDomainXMLFlags` */
export const xmlBits = { secure: 1, inactive: 2, updateCpu: 4, migratable: 8 } as const;
/** `virDomainShutdownFlagValues` */
export const shutdownBits = {
  acpi: 1,
  guestAgent: 2,
  initctl: 4,
  signalInit: 8,
  paravirt: 16,
} as const;
/** `virDomainDestroyFlagsValues` */
export const destroyBits = { graceful: 1, removeLogs: 2 } as const;
/** `virDomainUndefineFlagsValues` */
export const undefineBits = {
  managedSave: 1,
  snapshotsMetadata: 2,
  nvram: 4,
  keepNvram: 8,
  checkpointsMetadata: 16,
} as const;
/** `virDomainModificationImpact`; neither bit means the current state, whichever that is. */
export const impactBits = { live: 1, config: 2 } as const;
/** `virDomainMemoryModFlags` */
export const memoryBits = { ...impactBits, maximum: 4 } as const;
/** `virDomainDeviceModifyFlags` */
export const deviceBits = { ...impactBits, force: 4 } as const;
/** `virConnectListAllDomainsFlags` */
export const listBits = {
  active: 1,
  inactive: 2,
  persistent: 4,
  transient: 8,
  running: 16,
  paused: 32,
  shutoff: 64,
  otherStates: 128,
  managedSave: 256,
  noManagedSave: 512,
  autostart: 1024,
  noAutostart: 2048,
  withSnapshots: 4096,
  withoutSnapshots: 8192,
  withCheckpoints: 16_384,
  withoutCheckpoints: 32_768,
} as const;
/** `virConnectGetAllDomainStatsFlags`; above them it takes those of `listBits` up to `shutoff`. */
export const statsBits = { noWait: 2 ** 29, backing: 2 ** 30, enforce: 2 ** 31 } as const;
/** `virDomainSaveRestoreFlags` */
export const saveBits = {
  bypassCache: 1,
  running: 2,
  paused: 4,
  resetNvram: 8,
} as const;
/** `virDomainXMLFlags`, of a saved image: what is secret in it. */
export const savedXmlBits = { secure: 1 } as const;
/** `virDomainCoreDumpFlags` */
export const dumpBits = {
  crash: 1,
  live: 2,
  bypassCache: 4,
  reset: 8,
  memoryOnly: 16,
} as const;
/** `virDomainVcpuFlags` */
export const vcpuBits = { ...impactBits, maximum: 4, guest: 8, hotpluggable: 16 } as const;
/** `virDomainGetJobStatsFlags` */
export const jobStatsBits = { completed: 1, keepCompleted: 2 } as const;
/** `virDomainAbortJobFlagsValues` */
export const abortJobBits = { postCopy: 1 } as const;
/** `virDomainBlockJobAbortFlags` */
export const blockJobAbortBits = { async: 1, pivot: 2 } as const;
/** `virDomainBlockPullFlags` and the like: whether a bandwidth is bytes per second. */
export const blockRebaseBits = {
  shallow: 1,
  reuseExternal: 2,
  copyRaw: 4,
  copy: 8,
  relative: 16,
  copyDevice: 32,
  bandwidthBytes: 64,
} as const;
/** `virDomainBlockCommitFlags` */
export const blockCommitBits = {
  shallow: 1,
  delete: 2,
  active: 4,
  relative: 8,
  bandwidthBytes: 16,
} as const;
/** `virDomainBlockCopyFlags` */
export const blockCopyBits = {
  shallow: 1,
  reuseExternal: 2,
  transientJob: 4,
  synchronousWrites: 8,
} as const;
/** `virDomainBlockResizeFlags` */
export const blockResizeBits = { bytes: 1, capacity: 2 } as const;
/** `virDomainBackupBeginFlags` */
export const backupBits = { reuseExternal: 1 } as const;
/** `virDomainSnapshotCreateFlags` */
export const snapshotCreateBits = {
  redefine: 1,
  current: 2,
  noMetadata: 4,
  halt: 8,
  diskOnly: 16,
  reuseExternal: 32,
  quiesce: 64,
  atomic: 128,
  live: 256,
  validate: 512,
} as const;
/** `virDomainSnapshotListFlags` */
export const snapshotListBits = {
  roots: 1,
  metadata: 2,
  leaves: 4,
  noLeaves: 8,
  noMetadata: 16,
  inactive: 32,
  active: 64,
  diskOnly: 128,
  internal: 256,
  external: 512,
  topological: 1024,
} as const;
/** `virDomainSnapshotRevertFlags` */
export const snapshotRevertBits = { running: 1, paused: 2, force: 4, resetNvram: 8 } as const;
/** `virDomainSnapshotDeleteFlags` and `virDomainCheckpointDeleteFlags` */
export const snapshotDeleteBits = { children: 1, metadataOnly: 2, childrenOnly: 4 } as const;
/** `virDomainCheckpointCreateFlags` */
export const checkpointCreateBits = { redefine: 1, quiesce: 2, validate: 4 } as const;
/** `virDomainCheckpointXMLFlags` */
export const checkpointXmlBits = { secure: 1, noDomain: 2, size: 4 } as const;
/** `virDomainCheckpointListFlags` */
export const checkpointListBits = {
  roots: 1,
  topological: 2,
  leaves: 4,
  noLeaves: 8,
} as const;
/** `virDomainMigrateFlags` */
export const migrateBits = {
  live: 1,
  peerToPeer: 2,
  tunnelled: 4,
  persistDestination: 8,
  undefineSource: 16,
  paused: 32,
  copyDisks: 64,
  copyDiskIncrements: 128,
  changeProtection: 256,
  unsafe: 512,
  offline: 1024,
  compressed: 2048,
  abortOnError: 4096,
  autoConverge: 8192,
  rdmaPinAll: 16_384,
  postCopy: 32_768,
  tls: 65_536,
  parallel: 131_072,
  synchronousDiskWrites: 262_144,
  postCopyResume: 524_288,
  zeroCopy: 1_048_576,
} as const;
/** `virDomainMigrateMaxSpeedFlags` */
export const migrateSpeedBits = { postCopy: 1 } as const;
/** `virDomainConsoleFlags` */
export const consoleBits = { force: 1, safe: 2 } as const;
/** `virDomainChannelFlags` */
export const channelBits = { force: 1 } as const;
/** `virDomainOpenGraphicsFlags` */
export const graphicsBits = { skipAuth: 1 } as const;
/** `virDomainSetTimeFlags` */
export const setTimeBits = { sync: 1 } as const;
/** `virDomainSetUserPasswordFlags` */
export const passwordBits = { encrypted: 1 } as const;
/** `virDomainAuthorizedSSHKeysSetFlags` */
export const sshKeyBits = { append: 1, remove: 2 } as const;
/** `virDomainFDAssociateFlags` */
export const associateBits = { restoreLabel: 1, writable: 2 } as const;
/** `virConnectCompareCPUFlags` */
export const compareCpuBits = { failIncompatible: 1, validate: 2 } as const;
/** `virConnectBaselineCPUFlags` */
export const baselineCpuBits = { expandFeatures: 1, migratable: 2 } as const;
/** `virNodeAllocPagesFlags` */
export const allocatePagesBits = { set: 1 } as const;
/** `virDomainDirtyRateCalcFlags`; with neither, by sampling pages. */
export const dirtyRateBits = { dirtyBitmap: 1, dirtyRing: 2 } as const;
