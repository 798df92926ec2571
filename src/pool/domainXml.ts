/** The libvirt domain of an instance. Pure: everything that varies is in the specification. */
import { XMLBuilder } from 'fast-xml-parser';
import { type ElasticDevice, elasticXml } from '../memory/virtioMem.js';

const agentPort = 'io.ballast.agent';
/** The id of the ring buffer in which QEMU keeps the end of the guest's console. */
export const consoleRing = 'ballast-console';
const consoleRingBytes = 64 * 1024;

/**
 * `swiotlb=noforce` saves 64 MiB; `init_on_alloc=0` makes claims ten times faster (what the host
 * takes back it zeroes itself); plugged memory goes online as movable, so that it can be taken
 * again.
 */
const kernelCommandLine = [
  'console=ttyS0',
  'quiet',
  'panic=-1',
  'swiotlb=noforce',
  'init_on_alloc=0',
  'memhp_default_state=online_movable',
].join(' ');

export interface DomainSpec {
  readonly name: string;
  readonly uuid: string;
  /** The service that the domain belongs to: only its domains are ever touched. */
  readonly ownerId: string;
  readonly accelerator: 'kvm' | 'tcg';
  readonly floorMib: number;
  readonly vcpus: number;
  readonly elastic: ElasticDevice;
  readonly requestedMib: number;
  readonly kernelPath: string;
  readonly initramfsPath: string;
  readonly rootPath: string;
  readonly taskPath: string;
  readonly scratchPath: string;
  /**
   * The unix socket of the agent's channel. libvirt would choose one itself, of so long a path that
   * little would be left of the kernel's 107 bytes for the state directory.
   */
  readonly channelPath: string;
}

const metadataNamespace = 'https://ballast.dev/domain/1';

export function domainXml(spec: DomainSpec): string {
  const builder = new XMLBuilder({
    ignoreAttributes: false,
    suppressEmptyNode: true,
    // An attribute of the value "true" would lose it.
    suppressBooleanAttributes: false,
  });
  const maxKib = (spec.floorMib + spec.elastic.sizeMib) * 1024;
  const domain = {
    '@_type': spec.accelerator === 'kvm' ? 'kvm' : 'qemu',
    '@_xmlns:qemu': 'http://libvirt.org/schemas/domain/qemu/1.0',
    name: spec.name,
    uuid: spec.uuid,
    metadata: {
      'ballast:instance': { '@_xmlns:ballast': metadataNamespace, '@_owner': spec.ownerId },
    },
    maxMemory: { '@_slots': '1', '@_unit': 'KiB', '#text': maxKib },
    memory: { '@_unit': 'MiB', '#text': spec.floorMib },
    vcpu: spec.vcpus,
    os: {
      type: { '@_arch': 'x86_64', '@_machine': 'q35', '#text': 'hvm' },
      kernel: spec.kernelPath,
      initrd: spec.initramfsPath,
      cmdline: kernelCommandLine,
    },
    features: features(spec),
    cpu: cpu(spec),
    on_poweroff: 'destroy',
    on_reboot: 'destroy',
    on_crash: 'destroy',
    devices: devices(spec),
    'qemu:commandline': {
      'qemu:arg': [
        '-chardev',
        `ringbuf,id=${consoleRing},size=${consoleRingBytes}`,
        '-serial',
        `chardev:${consoleRing}`,
      ].map((value) => ({ '@_value': value })),
    },
  };
  const xml: string = builder.build({ domain });
  return xml.replace('</devices>', `${elasticXml(spec.elastic, spec.requestedMib)}</devices>`);
}

function features(spec: DomainSpec): object {
  const tcg = { tcg: { 'tb-cache': { '@_unit': 'MiB', '#text': 64 } } };
  return { acpi: '', apic: '', ...(spec.accelerator === 'tcg' ? tcg : {}) };
}

function cpu(spec: DomainSpec): object {
  return {
    '@_mode': spec.accelerator === 'kvm' ? 'host-passthrough' : 'maximum',
    numa: {
      cell: {
        '@_id': '0',
        '@_cpus': spec.vcpus === 1 ? '0' : `0-${spec.vcpus - 1}`,
        '@_memory': spec.floorMib,
        '@_unit': 'MiB',
      },
    },
  };
}

function devices(spec: DomainSpec): object {
  return {
    disk: [
      disk(spec.rootPath, 'vda', 'ballast-root', { readOnly: true }),
      disk(spec.taskPath, 'vdb', 'ballast-task', { readOnly: true }),
      disk(spec.scratchPath, 'vdc', 'ballast-scratch', { readOnly: false }),
    ],
    controller: { '@_type': 'usb', '@_model': 'none' },
    channel: {
      '@_type': 'unix',
      source: { '@_mode': 'bind', '@_path': spec.channelPath },
      target: { '@_type': 'virtio', '@_name': agentPort },
    },
    rng: {
      '@_model': 'virtio',
      backend: { '@_model': 'random', '#text': '/dev/urandom' },
    },
    memballoon: { '@_model': 'none' },
  };
}

function disk(path: string, target: string, serial: string, mode: { readOnly: boolean }): object {
  const readOnly = { readonly: '', shareable: '' };
  // Nobody needs a scratch disk after its VM, so that its writes need not reach the host's disk.
  const caching = mode.readOnly ? {} : { '@_cache': 'unsafe', '@_discard': 'unmap' };
  return {
    '@_type': 'file',
    '@_device': 'disk',
    driver: { '@_name': 'qemu', '@_type': 'raw', ...caching },
    source: { '@_file': path },
    target: { '@_dev': target, '@_bus': 'virtio' },
    serial,
    ...(mode.readOnly ? readOnly : {}),
  };
}
