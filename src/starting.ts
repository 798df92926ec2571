/** Finds out how new instances can begin on this host. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Connection } from '../lib/index.js';
import type { Config } from './config.js';
import type { Hypervisor } from './hypervisor.js';
import type { Mechanism } from './memory/elastic.js';
import { embedRootOf, qemuIds } from './pool/embedRoot.js';
import { installLauncher, type Launcher } from './pool/launcher.js';
import { chooseStart, type StartChoice } from './pool/startMethod.js';
import type { QemuIds } from './pool/template/ramHolder.js';
import type { StateDirectory } from './stateDirectory.js';

const builtLauncherDir = fileURLToPath(new URL('../launcher', import.meta.url));

export interface Starting {
  readonly choice: StartChoice;
  /** Null unless instances are cloned. */
  readonly launcher: Launcher | null;
  /** What of the budget is the templates', whose memory all clones share. */
  readonly sharedMib: number;
  /** The host's processor, as far as guests see it. */
  readonly cpu: string;
  /** Whom QEMU runs as; null where that is the user of this process. */
  readonly qemuIds: QemuIds | null;
}

export async function openStarting(ground: {
  readonly config: Pick<Config, 'start' | 'libvirtUri' | 'budgetMib'>;
  readonly state: StateDirectory;
  readonly hypervisor: Hypervisor;
  readonly mechanism: Mechanism;
  /** What the memory of all templates takes. */
  readonly templatesMib: number;
}): Promise<Starting> {
  const { config, state, hypervisor, mechanism, templatesMib } = ground;
  const { launcher, problem } = await installLauncher(builtLauncherDir, state.launcherDir);
  const choice = chooseStart(config.start, {
    mechanism,
    confinement: await confinementOf(hypervisor.connection),
    launcherProblem: problem ?? strangerProblem(config.libvirtUri),
    budgetMib: config.budgetMib,
    templatesMib,
  });
  return {
    choice,
    launcher: choice.name === 'clone' ? launcher : null,
    sharedMib: choice.name === 'clone' ? templatesMib : 0,
    cpu: await readCpu(),
    qemuIds: await qemuIds(),
  };
}

/** The security module by which libvirt confines QEMU to the files that the XML names. */
async function confinementOf(connection: Connection): Promise<string | null> {
  const models = (await connection.capabilities()).matchAll(/<model>(apparmor|selinux)<\/model>/g);
  return [...models][0]?.[1] ?? null;
}

/** A daemon of root starts QEMU as a user whom an ordinary user cannot hand memory to. */
function strangerProblem(libvirtUri: string): string | null {
  if (embedRootOf(libvirtUri) !== null || process.getuid?.() === 0) return null;
  return `the QEMU of ${libvirtUri} may run as another user than this service`;
}

/** What a guest that runs natively sees: its state is of no use on another processor. */
async function readCpu(): Promise<string> {
  const cpuinfo = await readFile('/proc/cpuinfo', 'utf8');
  const lines = ['model name', 'flags', 'microcode'].map((name) =>
    cpuinfo.split('\n').find((line) => line.startsWith(name)),
  );
  return lines.join('\n');
}
