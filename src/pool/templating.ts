/** Puts together what starts instances by templates. */
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Domain } from '../../lib/index.js';
import type { FunctionRecord } from '../model/function.js';
import type { Accounts } from './accounts.js';
import type { BootRules } from './boot.js';
import type { InstanceRules } from './instance.js';
import type { Launcher } from './launcher.js';
import { prepareShell } from './shell/prepare.js';
import { ShellRack } from './shell/rack.js';
import { Starter } from './starter.js';
import type { StartMethod } from './startMethod.js';
import { makeEmptyTask } from './taskDisk.js';
import { groundKey } from './template/key.js';
import type { QemuIds } from './template/ramHolder.js';
import { Templates } from './template/templates.js';

export interface TemplateRules {
  readonly method: StartMethod;
  /** Null where templates are not cloned. */
  readonly launcher: Launcher | null;
  readonly templatesDir: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly cpu: string;
  /** Whom QEMU runs as; null where that is this process's user. */
  readonly qemuIds: QemuIds | null;
  readonly loadTimeoutMs: number;
  /** Whether shells load their template and rehearse a start before they are needed. */
  readonly preparesShells: boolean;
  /** What a shell takes of the host's memory. */
  readonly shellMib: number;
  /** Kept ready of a template, as long as nobody says more. */
  readonly leastShells: number;
  /** The most that the sealed copy of a template may take. */
  readonly templateMib: number;
  /** The versions that start from a snapshot. */
  readonly snapStarted: readonly FunctionRecord[];
}

export interface StarterParts {
  readonly boot: BootRules;
  readonly rules: InstanceRules;
  readonly templates: TemplateRules;
  readonly accounts: Accounts;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly onStray: (domain: Domain) => void;
}

export async function openStarter(parts: StarterParts): Promise<Starter> {
  const { boot, rules, templates: wanted, accounts, logger, signal, onStray } = parts;
  const { method, launcher, templatesDir, versions, cpu, qemuIds } = wanted;
  await mkdir(templatesDir, { recursive: true });
  await chmod(templatesDir, 0o711);
  const emptyTaskPath = join(templatesDir, 'empty-task.img');
  await makeEmptyTask(emptyTaskPath);
  const { blankScratchPath, bootTimeoutMs, instancesDir, mechanism } = boot;
  const { geometry, initTimeoutMs, identity, settleMs } = rules;
  const places = { blankScratchPath, emptyTaskPath };
  const templates = await Templates.open({
    dir: join(templatesDir, 'made'),
    ground: groundKey({ method, machine: boot, versions, cpu }),
    subjects: [
      ...boot.image.runtimes.map((runtime) => ({ kind: 'runtime', runtime }) as const),
      ...wanted.snapStarted.map((fn) => ({ kind: 'function', fn }) as const),
    ],
    build: {
      machine: boot,
      method,
      qemuIds,
      ...places,
      bootTimeoutMs,
      initTimeoutMs,
      identity,
      settleMs,
    },
    accounts,
    ramProgram: launcher?.ramPath ?? null,
    maxMemoryMib: wanted.templateMib,
    logger,
    signal,
    onStray,
  });
  const load = { geometry, mechanism, loadTimeoutMs: wanted.loadTimeoutMs };
  const preparing = { ...load, rehearsalTimeoutMs: initTimeoutMs, logger };
  const isPrepared = wanted.preparesShells && method === 'clone';
  const rack = new ShellRack({
    prepare: isPrepared ? (shell, order) => prepareShell(preparing, shell, order) : null,
    rules: { machine: boot, instancesDir, emptyTaskPath },
    accounts,
    shellMib: wanted.shellMib,
    logger,
    onStray,
  });
  const { leastShells } = wanted;
  return new Starter({ boot, load, templates, rack, leastShells, logger });
}
