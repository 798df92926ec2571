/**
 * What a VM is made of: a floor that it boots with and elastic memory that virtio-mem plugs. The
 * figures here are of the guest kernel that the image holds; `docs/architecture.md` explains them.
 */

/** How the memory of the instances on this host is laid out. All of them share one geometry. */
export interface Geometry {
  /**
   * Boot memory: kernel, agent, caches of the root disk, and the page structures of what is
   * plugged.
   */
  readonly floorMib: number;
  /** virtio-mem plugs multiples of this. */
  readonly blockMib: number;
  /** The largest size that an instance can have. A multiple of `blockMib`. */
  readonly maxMib: number;
}

export const blockMib = 2;

/** Floor for the kernel, the agent and the caches of a small guest, without any elastic memory. */
const baseFloorMib = 128;

/**
 * Linux keeps 64 bytes for each page of 4096, in boot memory; and, because plugged memory is
 * movable only, the page tables of its users (8 bytes a page) and their buffers lie there too.
 */
const floorShare = 64 / 4096 + 8 / 4096 + 1 / 256;

/** The floor that can carry `maxMib` of elastic memory: in whole steps of 16 MiB. */
export function floorFor(maxMib: number): number {
  return Math.ceil((baseFloorMib + maxMib * floorShare) / 16) * 16;
}

/** The most elastic memory that a floor can carry: the inverse of `floorFor`, in whole blocks. */
export function coveredBy(floorMib: number): number {
  const mib = Math.max(0, floorMib - baseFloorMib) / floorShare;
  return Math.floor(mib / blockMib) * blockMib;
}

/** What must be plugged so that `requestedMib` can be used: rounded up to whole blocks. */
export function pluggedFor(requestedMib: number): number {
  return Math.ceil(requestedMib / blockMib) * blockMib;
}
