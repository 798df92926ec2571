/** What all machines of this service are made of, whatever runs in them. */
import { randomUUID } from 'node:crypto';
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { Connection, Domain } from '../../lib/index.js';
import { boundedBy } from '../memory/bound.js';
import type { Mechanism } from '../memory/elastic.js';
import type { Geometry } from '../memory/geometry.js';
import { consoleRing, type DomainSpec } from './domainXml.js';
import type { GuestImage } from './guestImage.js';
import { scratchPathIn } from './scratch.js';

/** How much of the guest's console an error quotes. */
const consoleTailBytes = 2048;
/** How long QEMU may take to tell it. */
const consoleMs = 2_000;

export interface MachineRules {
  readonly connection: Connection;
  readonly ownerId: string;
  readonly accelerator: 'kvm' | 'tcg';
  /** What stands in QEMU's place; null where libvirt finds QEMU itself. */
  readonly emulatorPath: string | null;
  readonly image: GuestImage;
  readonly geometry: Geometry;
  readonly mechanism: Mechanism;
  readonly vcpus: number;
}

/** One machine: its name, its directory, and what distinguishes it from the others. */
export type Machine = Pick<DomainSpec, 'name' | 'taskPath'> &
  Partial<Pick<DomainSpec, 'ram' | 'isIncoming' | 'requestedMib'>> & { readonly dir: string };

export function machineSpec(rules: MachineRules, machine: Machine): DomainSpec {
  const { dir, ...own } = machine;
  return {
    uuid: randomUUID(),
    generationId: randomUUID(),
    ownerId: rules.ownerId,
    accelerator: rules.accelerator,
    emulatorPath: rules.emulatorPath,
    ram: null,
    isIncoming: false,
    floorMib: rules.geometry.floorMib,
    mechanism: rules.mechanism,
    vcpus: rules.vcpus,
    elastic: { sizeMib: rules.geometry.maxMib, blockMib: rules.geometry.blockMib },
    requestedMib: 0,
    kernelPath: rules.image.kernelPath,
    initramfsPath: rules.image.initramfsPath,
    rootPath: rules.image.rootPath,
    scratchPath: scratchPathIn(dir),
    channelPath: join(dir, 'agent'),
    ...own,
  };
}

/** Makes the directory of one machine. Whatever the umask: QEMU's user must pass. */
export async function makeMachineDir(dir: string): Promise<void> {
  await mkdir(dir);
  await chmod(dir, 0o711);
}

/** What the guest wrote, as text: it must not steer the terminal of whoever reads the error. */
export async function readConsole(domain: Domain): Promise<string> {
  const read = { device: consoleRing, size: consoleTailBytes };
  const tail = await boundedBy({ boundMs: consoleMs }, (signal) =>
    domain.qmp<string>('ringbuf-read', read, { signal }),
  ).catch(() => '');
  return stripVTControlCharacters(String(tail))
    .replace(/[^\P{Cc}\n]/gu, '')
    .trim();
}
