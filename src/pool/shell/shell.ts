/**
 * A started QEMU that waits for a template's state, or has it and waits for a function: all that
 * takes long is behind it.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Domain } from '../../../lib/index.js';
import type { AgentClient } from '../../agent/client.js';
import { destroyDomain } from '../destroy.js';
import { domainXml } from '../domainXml.js';
import { type MachineRules, machineSpec, makeMachineDir } from '../machine.js';
import { createScratchDisk, scratchPathIn } from '../scratch.js';
import type { Template } from '../template/template.js';

export interface ShellRules {
  readonly machine: MachineRules;
  readonly instancesDir: string;
  readonly emptyTaskPath: string;
}

export interface Shell {
  readonly shellId: string;
  readonly template: Template;
  readonly domain: Domain;
  readonly dir: string;
  readonly channelPath: string;
  /** Of a guest that has loaded the template and stands still; null where it has not. */
  readonly agent: AgentClient | null;
  /** What it was asked to plug, and has. */
  readonly pluggedMib: number;
}

/** @throws Error; nothing is left behind but what `onStray` is told of */
export async function startShell(
  rules: ShellRules,
  template: Template,
  shellId: string,
  onStray: (domain: Domain) => void,
): Promise<Shell> {
  const dir = join(rules.instancesDir, shellId);
  const spec = machineSpec(rules.machine, {
    name: `ballast-${shellId}`,
    dir,
    taskPath: template.taskPath ?? rules.emptyTaskPath,
    ram: await template.ram(),
    isIncoming: true,
  });
  let domain: Domain | null = null;
  try {
    await makeMachineDir(dir);
    // What the template's guest has mounted and written is on its disk, as its memory says.
    await createScratchDisk(template.scratchPath, scratchPathIn(dir));
    domain = await rules.machine.connection.createDomain(domainXml(spec), { paused: true });
    return {
      shellId,
      template,
      domain,
      dir,
      channelPath: spec.channelPath,
      agent: null,
      pluggedMib: 0,
    };
  } catch (error) {
    await endShell({ domain, dir, agent: null }, onStray);
    throw error;
  }
}

export async function endShell(
  { domain, dir, agent }: Pick<Shell, 'dir' | 'agent'> & { readonly domain: Domain | null },
  onStray: (domain: Domain) => void,
): Promise<void> {
  agent?.close();
  if (domain !== null) await destroyDomain(() => domain).catch(() => onStray(domain));
  await rm(dir, { recursive: true, force: true });
}
