import t from 'tap';
import type { Connection } from '../../../../lib/index.js';
import type { MachineRules } from '../../../../src/pool/machine.js';
import { type GroundFacts, groundKey } from '../../../../src/pool/template/key.js';

const machine: MachineRules = {
  connection: {} as Connection,
  ownerId: 'owner',
  accelerator: 'tcg',
  emulatorPath: '/launcher/ballast-qemu',
  image: {
    digest: 'image-1',
    kernel: '6.1.0',
    runtimes: ['nodejs18.x'],
    kernelPath: '/images/1/vmlinuz',
    initramfsPath: '/images/1/initramfs.img',
    rootPath: '/images/1/root.erofs',
  },
  geometry: { floorMib: 384, blockMib: 2, maxMib: 1024 },
  mechanism: 'virtio-mem',
  vcpus: 2,
};
const facts: GroundFacts = {
  method: 'clone',
  machine,
  versions: { libvirt: '9.0.0', qemu: '7.2.0' },
  cpu: 'model name: one',
};
const ground = groundKey(facts);

t.test('a key is the name of a directory', async (t) => {
  t.match(ground, /^[0-9a-f]{32}$/);
});

const { image, geometry } = machine;

t.test('the same facts give the same key, whatever service it is', async (t) => {
  t.equal(groundKey(structuredClone(facts)), ground);
  t.equal(groundKey({ ...facts, machine: { ...machine, ownerId: 'another' } }), ground);
  const connection = { other: true } as unknown as Connection;
  t.equal(groundKey({ ...facts, machine: { ...machine, connection } }), ground);
  const places = { kernelPath: '/k', initramfsPath: '/i', rootPath: '/r' };
  const moved = { ...machine, emulatorPath: '/e', image: { ...image, ...places } };
  t.equal(groundKey({ ...facts, machine: moved }), ground, 'wherever its files lie');
});

const changes: Readonly<Record<string, Partial<GroundFacts>>> = {
  'the way in which instances begin': { method: 'restore' },
  'the version of QEMU': { versions: { libvirt: '9.0.0', qemu: '7.2.1' } },
  'the version of libvirt': { versions: { libvirt: '9.1.0', qemu: '7.2.0' } },
  'the processor': { cpu: 'model name: two' },
  'the image': { machine: { ...machine, image: { ...image, digest: 'image-2' } } },
  'the accelerator': { machine: { ...machine, accelerator: 'kvm' } },
  'the emulator': { machine: { ...machine, emulatorPath: null } },
  'the mechanism': { machine: { ...machine, mechanism: 'balloon' } },
  'the floor': { machine: { ...machine, geometry: { ...geometry, floorMib: 386 } } },
  'the largest size': { machine: { ...machine, geometry: { ...geometry, maxMib: 2048 } } },
  'the size of a block': { machine: { ...machine, geometry: { ...geometry, blockMib: 4 } } },
  'the number of processors': { machine: { ...machine, vcpus: 1 } },
};
for (const [what, change] of Object.entries(changes)) {
  t.test(`${what} makes another template`, async (t) => {
    t.not(groundKey({ ...facts, ...change }), ground);
  });
}
