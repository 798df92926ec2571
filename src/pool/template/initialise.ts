/** Has a function initialise in a guest that becomes its template, at its own size. */
import type { Domain } from '../../../lib/index.js';
import { AgentFailure } from '../../agent/channel.js';
import type { AgentClient, Answer } from '../../agent/client.js';
import type { StartReply } from '../../agent/messages.js';
import { cpuMillisFor, limitsFor } from '../../memory/cpu.js';
import type { Elastic } from '../../memory/elastic.js';
import { elasticFor } from '../../memory/elasticFor.js';
import { pluggedFor } from '../../memory/geometry.js';
import { plugWholly } from '../../memory/settleWholly.js';
import { BallastError } from '../../model/errors.js';
import type { FunctionRecord } from '../../model/function.js';
import type { FunctionIdentity } from '../../model/identity.js';
import { startFailure } from '../ending.js';
import { functionEnvironment } from '../environment.js';
import type { MachineRules } from '../machine.js';

const bytesPerMib = 1024 * 1024;
/** No runtime holds less. */
const leastMib = 8;
/** Lambda gives an initialisation before a snapshot so long, or the function's timeout. */
const leastInitMs = 130_000;

export interface InitialiseRules {
  readonly machine: MachineRules;
  readonly identity: FunctionIdentity;
  readonly settleMs: number;
}

export interface Guest {
  readonly domain: Domain;
  readonly agent: AgentClient;
}

/** @throws BallastError VERSION_FAILED where the function's own code fails */
export async function initialise(
  rules: InitialiseRules,
  { domain, agent }: Guest,
  fn: FunctionRecord,
): Promise<void> {
  const { machine, identity, settleMs } = rules;
  const { mechanism, geometry, vcpus } = machine;
  const elastic = elasticFor(mechanism, { domain, agent, geometry, askedMib: 0 });
  await plugWholly(elastic, pluggedFor(fn.memoryMib), settleMs);
  const answer = await agent.start({
    runtime: fn.runtime,
    handler: fn.handler,
    environment: functionEnvironment(identity, fn, '', fn.memoryMib, 'snap-start'),
    limits: limitsFor(fn.memoryMib, cpuMillisFor(fn.memoryMib, null, vcpus)),
    storageBytes: fn.ephemeralMib * bytesPerMib,
    timeoutMs: Math.max(leastInitMs, fn.timeoutSeconds * 1000),
    nowMs: Date.now(),
  });
  if (answer.head.outcome !== 'ready') throw initFailed(answer);
  await giveBack(rules, agent, elastic);
}

/**
 * Takes all memory back that the guest can do without. What is plugged then is saved with the state
 * and read by each clone, rather than mapped: the less, the faster it starts.
 */
async function giveBack(
  { machine, settleMs }: InitialiseRules,
  agent: AgentClient,
  elastic: Elastic,
): Promise<void> {
  const limitsOf = (mib: number) => limitsFor(mib, cpuMillisFor(mib, null, machine.vcpus));
  await agent.claim(limitsOf(leastMib)).catch(async (error: unknown) => {
    // It says what is left after it has freed what it could.
    const heldBytes = error instanceof AgentFailure ? error.heldBytes : undefined;
    if (heldBytes === undefined) throw error;
    await agent.claim(limitsOf(Math.ceil(heldBytes / bytesPerMib) + leastMib));
  });
  await elastic.request(0);
  await elastic.settle(0, settleMs);
}

function initFailed(answer: Answer<StartReply>): BallastError {
  const { failure, payload } = startFailure(answer);
  const kind = answer.head.errorType ?? failure?.kind ?? answer.head.outcome;
  const message = messageIn(payload);
  return new BallastError('VERSION_FAILED', message === null ? kind : `${kind}: ${message}`);
}

/** The message of an error as a runtime reports it. */
function messageIn(payload: Uint8Array): string | null {
  try {
    const { errorMessage } = JSON.parse(Buffer.from(payload).toString('utf8'));
    return typeof errorMessage === 'string' ? errorMessage : null;
  } catch {
    return null;
  }
}
