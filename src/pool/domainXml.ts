/** The libvirt domain of an instance. Pure: everything that varies is in the specification. */
import { XMLBuilder } from 'fast-xml-parser';
import type { Mechanism } from '../memory/elastic.js';
import { type ElasticDevice, elasticXml } from '../memory/virtioMem.js';
import { emulation } from './emulation.js';
import { kernelCommandLine } from './kernelCommandLine.js';

const agentPort = 'io.ballast.agent';
/** The id of the ring buffer in which QEMU keeps the end of the guest's console. */
export const consoleRing = 'ballast-console';
const consoleRingBytes = 64 * 1024;

export interface DomainSpec {
  readonly name: string;
  readonly uuid: string;
  /** The service that the domain belongs to: only its domains are ever touched. */
  readonly ownerId: string;
  readonly accelerator: 'kvm' | 'tcg';
  /** What stands in QEMU's place; null where libvirt finds QEMU itself. */
  readonly emulatorPath: string | null;
  /** The file that the boot memory is mapped from; null for memory of no file. */
  readonly ram: RamFile | null;
  /** Waits for a template's state instead of booting. */
  readonly isIncoming: boolean;
  /** Tells the guest's kernel that it is not the machine that it was copied from. */
  readonly generationId: string;
  readonly floorMib: number;
  readonly mechanism: Mechanism;
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

export interface RamFile {
  readonly path: string;
  /** Whether what the guest writes reaches the file. */
  readonly isShared: boolean;
}

/** libvirt leaves aliases alone that begin so; QEMU has the device under the same name. */
export const taskDevice = 'ua-task';
const taskAlias = { '@_name': taskDevice };

const metadataNamespace = 'https://ballast.dev/domain/1';

export function domainXml(spec: DomainSpec): string {
  const builder = new XMLBuilder({
    ignoreAttributes: false,
    suppressEmptyNode: true,
    // An attribute of the value "true" would lose it.
    suppressBooleanAttributes: false,
  });
  const domain = {
    '@_type': spec.accelerator === 'kvm' ? 'kvm' : 'qemu',
    '@_xmlns:qemu': 'http://libvirt.org/schemas/domain/qemu/1.0',
    name: spec.name,
    uuid: spec.uuid,
    genid: spec.generationId,
    metadata: {
      'ballast:instance': { '@_xmlns:ballast': metadataNamespace, '@_owner': spec.ownerId },
    },
    ...memory(spec),
    vcpu: spec.vcpus,
    os: {
      type: { '@_arch': 'x86_64', '@_machine': 'q35', '#text': 'hvm' },
      kernel: spec.kernelPath,
      initrd: spec.initramfsPath,
      cmdline: kernelCommandLine(spec.accelerator),
    },
    features: features(spec),
    cpu: cpu(spec),
    on_poweroff: 'destroy',
    on_reboot: 'destroy',
    on_crash: 'destroy',
    devices: devices(spec),
    'qemu:commandline': qemuCommandLine(spec),
  };
  const xml: string = builder.build({ domain });
  if (spec.mechanism !== 'virtio-mem') return xml;
  return xml.replace('</devices>', `${elasticXml(spec.elastic, spec.requestedMib)}</devices>`);
}

/** What libvirt has no words for. */
function qemuCommandLine({ isIncoming, ram }: DomainSpec): object {
  const ring = `ringbuf,id=${consoleRing},size=${consoleRingBytes}`;
  const args = ['-chardev', ring, '-serial', `chardev:${consoleRing}`];
  if (isIncoming) args.push('-incoming', 'defer');
  const environment =
    ram === null
      ? []
      : [
          { '@_name': 'BALLAST_RAM_PATH', '@_value': ram.path },
          { '@_name': 'BALLAST_RAM_SHARE', '@_value': ram.isShared ? 'on' : 'off' },
        ];
  return {
    'qemu:arg': args.map((value) => ({ '@_value': value })),
    ...(environment.length === 0 ? {} : { 'qemu:env': environment }),
  };
}

/** Where nothing can be plugged, the guest boots with all that it may come to have. */
function bootMib({ mechanism, floorMib, elastic }: DomainSpec): number {
  return mechanism === 'virtio-mem' ? floorMib : floorMib + elastic.sizeMib;
}

function memory(spec: DomainSpec): object {
  const mib = (value: number) => ({ '@_unit': 'MiB', '#text': value });
  const boot = { memory: mib(bootMib(spec)) };
  switch (spec.mechanism) {
    case 'virtio-mem':
      return {
        maxMemory: { '@_slots': '1', ...mib(spec.floorMib + spec.elastic.sizeMib) },
        ...boot,
      };
    case 'balloon':
      return { ...boot, currentMemory: mib(spec.floorMib + spec.requestedMib) };
    case 'process':
      return boot;
  }
}

function features(spec: DomainSpec): object {
  const tcg = { tcg: { 'tb-cache': { '@_unit': 'MiB', '#text': emulation.translationsMib } } };
  return { acpi: '', apic: '', ...(spec.accelerator === 'tcg' ? tcg : {}) };
}

const emulatedCpu = {
  '@_mode': 'maximum',
  feature: { '@_policy': 'disable', '@_name': emulation.slowFeature },
};

function cpu(spec: DomainSpec): object {
  return {
    ...(spec.accelerator === 'kvm' ? { '@_mode': 'host-passthrough' } : emulatedCpu),
    numa: {
      cell: {
        '@_id': '0',
        '@_cpus': spec.vcpus === 1 ? '0' : `0-${spec.vcpus - 1}`,
        '@_memory': bootMib(spec),
        '@_unit': 'MiB',
      },
    },
  };
}

function devices(spec: DomainSpec): object {
  return {
    ...(spec.emulatorPath === null ? {} : { emulator: spec.emulatorPath }),
    disk: [
      disk(spec.rootPath, 'vda', 'ballast-root', { readOnly: true }),
      { ...disk(spec.taskPath, 'vdb', 'ballast-task', { readOnly: true }), alias: taskAlias },
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
    memballoon: balloon(spec),
  };
}

/**
 * Deflating by itself when the guest is short of memory is left off: it hangs guests, and what was
 * claimed is not the guest's to take back.
 */
function balloon({ mechanism }: DomainSpec): object {
  if (mechanism !== 'balloon') return { '@_model': 'none' };
  return { '@_model': 'virtio', '@_autodeflate': 'off', '@_freePageReporting': 'off' };
}

/**
 * Nobody needs a scratch disk after its VM, so that its writes need not reach the host's disk. What
 * the guest discards is given back. Where the host's disk is full, the function is told, and its VM
 * not stopped.
 */
const scratchCaching = {
  '@_cache': 'unsafe',
  '@_discard': 'unmap',
  '@_error_policy': 'report',
};

function disk(path: string, target: string, serial: string, mode: { readOnly: boolean }): object {
  const readOnly = { readonly: '', shareable: '' };
  const caching = mode.readOnly ? {} : scratchCaching;
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
