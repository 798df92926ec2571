/** What libvirt tells of a domain, as it crosses from the addon to the program unchanged. */

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

/** What passed a network interface; `null` is what the host does not count. */
export interface InterfaceStats {
  readonly rxBytes: number | null;
  readonly rxPackets: number | null;
  readonly rxErrors: number | null;
  readonly rxDropped: number | null;
  readonly txBytes: number | null;
  readonly txPackets: number | null;
  readonly txErrors: number | null;
  readonly txDropped: number | null;
}

/** A file system that the guest has mounted. */
export interface FileSystem {
  readonly mountPoint: string;
  /** The guest's name of it, such as `vda1`. */
  readonly name: string;
  readonly type: string;
  /** The targets of the disks that hold it. */
  readonly devices: readonly string[];
}
