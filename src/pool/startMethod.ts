/** How new instances begin on this host. Pure. */
import type { Mechanism } from '../memory/elastic.js';
import type { StartKind } from '../model/invocation.js';

export const startMethods = ['clone', 'restore', 'boot'] as const satisfies readonly StartKind[];
export type StartMethod = (typeof startMethods)[number];

export type StartWish = StartMethod | 'auto';

export interface StartFacts {
  readonly mechanism: Mechanism;
  /** The security module that confines QEMU to what libvirt tells it of; null where none does. */
  readonly confinement: string | null;
  /** Why the launcher cannot stand in QEMU's place; null where it can. */
  readonly launcherProblem: string | null;
  readonly budgetMib: number;
  /** What the memory of all templates takes of the budget. */
  readonly templatesMib: number;
}

export interface StartChoice {
  readonly name: StartMethod;
  /** For people: `/v1/host` and the log show it. */
  readonly reason: string;
}

/** What templates may take of the budget, unless clones are asked for. */
const maxShare = 0.25;

/** What is wished, or the next slower that can be had. */
export function chooseStart(wish: StartWish, facts: StartFacts): StartChoice {
  const asked = wish === 'auto' ? '' : `BALLAST_START=${wish} asks for it`;
  if (wish === 'boot') return { name: 'boot', reason: asked };
  if (facts.mechanism === 'process') {
    const reason = 'what the agent holds would have to be read with the state of a template';
    return { name: 'boot', reason };
  }
  if (wish === 'restore') return { name: 'restore', reason: asked };
  const obstacle = obstacleToClones(facts) ?? (wish === 'auto' ? budgetObstacle(facts) : null);
  if (obstacle !== null) return { name: 'restore', reason: obstacle };
  return { name: 'clone', reason: asked || 'templates are mapped copy-on-write' };
}

function obstacleToClones(facts: StartFacts): string | null {
  if (facts.mechanism === 'balloon') {
    return 'what a balloon discards would be punched out of the file of a template';
  }
  if (facts.confinement !== null) {
    return `${facts.confinement} keeps QEMU from memory of which libvirt knows nothing`;
  }
  return facts.launcherProblem;
}

/** Clones pay for their templates' memory only where there are many of them. */
function budgetObstacle({ budgetMib, templatesMib }: StartFacts): string | null {
  if (templatesMib <= budgetMib * maxShare) return null;
  return `the memory of all templates, ${templatesMib} MiB, is too much of ${budgetMib} MiB`;
}
