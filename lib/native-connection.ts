import type { NativeDomain } from './native-domain.js';
import type { Method, NativeStream, NativeSubscription } from './native-types.js';
import type { NativeParam, NativeParams } from './typed-params.js';

type Flags = [flags: number];
type CpuKind = [
  emulator: string | null,
  arch: string | null,
  machine: string | null,
  virtType: string | null,
];

/** `native/connection.h`; `watch` registers at libvirt before it resolves. */
export interface NativeConnection extends NativeHost, NativeNode, NativeDomainMaker, NativeStorage {
  listDomains: Method<Flags, NativeDomain[]>;
  domainStats: Method<
    [domains: readonly (readonly [NativeDomain])[], stats: number, flags: number],
    readonly { name: string; uuid: string; stats: NativeParams }[]
  >;
  watch: Method<[event: string, domain: NativeDomain | null, limit: number], NativeSubscription>;
  migrateHere: Method<
    [domain: NativeDomain, parameters: NativeParam[], flags: number],
    NativeDomain
  >;
  close(): Promise<void>;
}

/** `native/connection_host.cc`, `native/connection_cpus.cc` */
interface NativeHost {
  version: Method<[], { libvirt: string; hypervisor: string }>;
  type: Method<[], string>;
  canonicalUri: Method<[], string>;
  hostname: Method<[], string>;
  sysinfo: Method<Flags, string>;
  capabilities: Method<[], string>;
  domainCapabilities: Method<[...CpuKind, flags: number], string>;
  isAlive: Method<[], boolean>;
  isEncrypted: Method<[], boolean>;
  isSecure: Method<[], boolean>;
  maxVcpus: Method<[type: string | null], number>;
  setKeepAlive: Method<[intervalSeconds: number, count: number], number>;
  setIdentity: Method<[parameters: NativeParam[], flags: number]>;
  cpuModels: Method<[arch: string, flags: number], string[]>;
  compareCpu: Method<[xml: string, flags: number], number>;
  compareHypervisorCpu: Method<[...CpuKind, xml: string, flags: number], number>;
  baselineCpu: Method<[xmls: readonly string[], flags: number], string>;
  baselineHypervisorCpu: Method<[...CpuKind, xmls: readonly string[], flags: number], string>;
}

/** `native/connection_node.cc` */
interface NativeNode {
  nodeInfo: Method<
    [],
    {
      model: string;
      memoryKib: number;
      cpus: number;
      mhz: number;
      nodes: number;
      sockets: number;
      cores: number;
      threads: number;
    }
  >;
  nodeMemoryStats: Method<[cell: number], NativeParams>;
  nodeCpuStats: Method<[cpu: number], NativeParams>;
  nodeFreeMemory: Method<[], number>;
  cellsFreeMemory: Method<[first: number, count: number], number[]>;
  freePages: Method<[sizesKib: readonly number[], first: number, count: number], number[][]>;
  allocatePages: Method<
    [sizeKib: number, pages: number, first: number, count: number, flags: number],
    number
  >;
  cpuMap: Method<[], { cpus: number; online: number[] }>;
  securityModel: Method<[], { model: string; doi: string }>;
  sevInfo: Method<Flags, NativeParams>;
  nodeMemoryParameters: Method<Flags, NativeParams>;
  setNodeMemoryParameters: Method<[parameters: NativeParam[], flags: number]>;
  suspendNode: Method<[target: number, durationSeconds: number, flags: number]>;
}

/** `native/connection_domains.cc` */
interface NativeDomainMaker {
  defineDomain: Method<[xml: string, flags: number], NativeDomain>;
  createDomain: Method<[xml: string, flags: number], NativeDomain>;
  createDomainWithFiles: Method<
    [xml: string, files: readonly number[], flags: number],
    NativeDomain
  >;
  lookupByName: Method<[name: string], NativeDomain>;
  lookupByUuid: Method<[uuid: string], NativeDomain>;
  lookupById: Method<[id: number], NativeDomain>;
  attachProcess: Method<[pid: number, flags: number], NativeDomain>;
  restoreDomain: Method<[path: string, xml: string | null, flags: number]>;
  restoreDomainWith: Method<[parameters: NativeParam[], flags: number]>;
  saveImageXml: Method<[path: string, flags: number], string>;
  defineSaveImageXml: Method<[path: string, xml: string, flags: number]>;
  domainXmlFromNative: Method<[format: string, config: string, flags: number], string>;
  domainXmlToNative: Method<[format: string, xml: string, flags: number], string>;
  activeDomainCount: Method<[], number>;
  inactiveDomainCount: Method<[], number>;
}

/** `native/connection_storage.cc`; volumes are known by their paths. */
interface NativeStorage {
  createPool: Method<[xml: string], string>;
  destroyPool: Method<[name: string]>;
  createVolume: Method<[pool: string, xml: string], string>;
  deleteVolume: Method<[path: string]>;
  uploadVolume: Method<[path: string, offsetBytes: number, lengthBytes: number], NativeStream>;
  downloadVolume: Method<[path: string, offsetBytes: number, lengthBytes: number], NativeStream>;
}
