/** Why the addon calls a function of libvirt's not: each one that it does not call is here. */

interface Superseded {
  /** The function that does the same and more; the addon calls it. */
  readonly by: string;
}

export type Reason = Superseded | string;

const counted = 'a handle in JavaScript is shared as it is; the addon counts its users';
const parent = 'an object is reached through its parent, which its user has';
const otherLoop = "libvirt's default event loop serves the process, on a thread of its own";
const wholeStream = 'loops over a callback in C; a Node.js stream does it by `pipeline`';
const sparse = 'holes are for sparse volumes, which are read and written whole here';

export const unwrapped: Readonly<Record<string, Reason>> = {
  virConnectDomainEventDeregister: { by: 'virConnectDomainEventDeregisterAny' },
  virConnectDomainEventRegister: { by: 'virConnectDomainEventRegisterAny' },
  virConnectListDefinedDomains: { by: 'virConnectListAllDomains' },
  virConnectListDomains: { by: 'virConnectListAllDomains' },
  virConnectRef: counted,
  virDomainAttachDevice: { by: 'virDomainAttachDeviceFlags' },
  virDomainBlockStats: { by: 'virDomainBlockStatsFlags' },
  virDomainCheckpointGetConnect: parent,
  virDomainCheckpointGetDomain: parent,
  virDomainCheckpointRef: counted,
  virDomainCoreDump: { by: 'virDomainCoreDumpWithFormat' },
  virDomainCreate: { by: 'virDomainCreateWithFlags' },
  virDomainCreateLinux: { by: 'virDomainCreateXML' },
  virDomainDefineXML: { by: 'virDomainDefineXMLFlags' },
  virDomainDestroy: { by: 'virDomainDestroyFlags' },
  virDomainDetachDevice: { by: 'virDomainDetachDeviceFlags' },
  virDomainGetSecurityLabel: { by: 'virDomainGetSecurityLabelList' },
  virDomainMigrate: { by: 'virDomainMigrate3' },
  virDomainMigrate2: { by: 'virDomainMigrate3' },
  virDomainMigrateToURI: { by: 'virDomainMigrateToURI3' },
  virDomainMigrateToURI2: { by: 'virDomainMigrateToURI3' },
  virDomainPinVcpu: { by: 'virDomainPinVcpuFlags' },
  virDomainRef: counted,
  virDomainRestore: { by: 'virDomainRestoreFlags' },
  virDomainSave: { by: 'virDomainSaveFlags' },
  virDomainSetMaxMemory: { by: 'virDomainSetMemoryFlags' },
  virDomainSetMemory: { by: 'virDomainSetMemoryFlags' },
  virDomainSetVcpus: { by: 'virDomainSetVcpusFlags' },
  virDomainShutdown: { by: 'virDomainShutdownFlags' },
  virDomainSnapshotGetConnect: parent,
  virDomainSnapshotGetDomain: parent,
  virDomainSnapshotListChildrenNames: { by: 'virDomainSnapshotListAllChildren' },
  virDomainSnapshotListNames: { by: 'virDomainListAllSnapshots' },
  virDomainSnapshotRef: counted,
  virDomainUndefine: { by: 'virDomainUndefineFlags' },
  virEventAddHandle: otherLoop,
  virEventAddTimeout: otherLoop,
  virEventRegisterImpl: otherLoop,
  virEventRemoveHandle: otherLoop,
  virEventRemoveTimeout: otherLoop,
  virEventUpdateHandle: otherLoop,
  virEventUpdateTimeout: otherLoop,
  virGetVersion: { by: 'virConnectGetLibVersion' },
  virStreamRecvAll: wholeStream,
  virStreamRecvFlags: sparse,
  virStreamRecvHole: sparse,
  virStreamRef: counted,
  virStreamSendAll: wholeStream,
  virStreamSendHole: sparse,
  virStreamSparseRecvAll: sparse,
  virStreamSparseSendAll: sparse,
};
