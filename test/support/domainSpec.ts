/**
 * A specification of a domain for tests: what a host would fill in, with paths that need not exist.
 */
import type { DomainSpec } from '../../src/pool/domainXml.js';

export const domainSpec = (changes: Partial<DomainSpec> = {}): DomainSpec => ({
  name: 'ballast-i-0123456789ab',
  uuid: '6a1f0c1e-0a4b-4f0e-9b1a-3c5d7e9f0a2b',
  ownerId: '0d9c8b7a-6f5e-4d3c-8b2a-190807060504',
  accelerator: 'tcg',
  floorMib: 352,
  vcpus: 2,
  elastic: { sizeMib: 1024, blockMib: 2 },
  requestedMib: 130,
  kernelPath: '/images/vmlinuz',
  initramfsPath: '/images/initramfs.img',
  rootPath: '/images/root.erofs',
  taskPath: '/code/task.erofs',
  scratchPath: '/instances/i/scratch.img',
  channelPath: '/instances/i/agent',
  ...changes,
});
