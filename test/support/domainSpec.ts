/**
 * A specification of a domain for tests: what a host would fill in, with paths that need not exist.
 */
import type { DomainSpec } from '../../src/pool/domainXml.js';

export const domainSpec = (changes: Partial<DomainSpec> = {}): DomainSpec => ({
  name: 'ballast-i-0123456789ab',
  uuid: '6a1f0c1e-0a4b-4f0e-9b1a-3c5d7e9f0a2b',
  ownerId: '0d9c8b7a-6f5e-4d3c-8b2a-190807060504',
  accelerator: 'tcg',
  emulatorPath: null,
  ram: null,
  isIncoming: false,
  generationId: '2b1c9d8e-7f6a-4b5c-8d3e-1f0a9b8c7d6e',
  floorMib: 352,
  mechanism: 'virtio-mem',
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
