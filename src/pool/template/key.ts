/** What a template is made of, as one name: whatever changes makes another template. Pure. */
import { createHash } from 'node:crypto';
import { domainXml } from '../domainXml.js';
import { type MachineRules, machineSpec } from '../machine.js';
import type { StartMethod } from '../startMethod.js';

export interface GroundFacts {
  readonly method: StartMethod;
  readonly machine: MachineRules;
  /** Of libvirt and QEMU, which may read the state differently. */
  readonly versions: Readonly<Record<string, string>>;
  /** The host's processor: a guest that saw another one's features would fail. */
  readonly cpu: string;
}

/** What all templates of this service have in common, wherever its files lie. */
export function groundKey({ method, machine, versions, cpu }: GroundFacts): string {
  const xml = domainXml({
    ...machineSpec(machine, { name: '', dir: '', taskPath: '', isIncoming: true }),
    uuid: '',
    generationId: '',
    ownerId: '',
    emulatorPath: machine.emulatorPath === null ? null : '',
    kernelPath: '',
    initramfsPath: '',
    rootPath: '',
  });
  return digestOf({ method, image: machine.image.digest, versions, cpu, xml });
}

export function digestOf(facts: object): string {
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 32);
}
