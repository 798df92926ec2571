/**
 * Takes a shell as far as it goes without its function: loads its template, and has the guest
 * rehearse a start. Under software emulation the first run of any code costs its translation, which
 * QEMU keeps; the second is many times faster. What the rehearsal took of memory is given back, the
 * least that an instance has is plugged, and the guest stands still until its function is known.
 */
import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import { AgentFailure } from '../../agent/channel.js';
import type { AgentClient } from '../../agent/client.js';
import { boundedBy } from '../../memory/bound.js';
import { elasticFor } from '../../memory/elasticFor.js';
import { pluggedFor } from '../../memory/geometry.js';
import { plugWholly } from '../../memory/settleWholly.js';
import { limits } from '../../model/limits.js';
import { runtimeOf } from '../template/subject.js';
import { enter } from './enter.js';
import { entropyBytes, type LoadRules, unlessAborted } from './load.js';
import type { Shell } from './shell.js';

export interface PrepareRules extends LoadRules {
  /** For the guest to rehearse one start. */
  readonly rehearsalTimeoutMs: number;
  readonly logger: Logger;
}

export interface PrepareOrder {
  readonly signal: AbortSignal;
  /** The guest cannot be used any more. */
  readonly onLost: () => void;
}

/** @throws Error; the shell is of no use then, and the caller ends it */
export async function prepareShell(
  rules: PrepareRules,
  shell: Shell,
  order: PrepareOrder,
): Promise<Shell> {
  const boundMs = 3 * rules.loadTimeoutMs + rules.rehearsalTimeoutMs;
  const reason = new Error(`The shell was not ready within ${boundMs} ms.`);
  return boundedBy({ boundMs, reason, outer: order.signal }, async (signal) => {
    const handlers = { onEnd: order.onLost };
    const agent = await enter(shell, { handlers, signal, beforeRun: async () => {} });
    try {
      const pluggedMib = await unlessAborted(signal, rehearse(rules, shell, agent));
      await shell.domain.suspend({ signal });
      return { ...shell, agent, pluggedMib };
    } catch (error) {
      agent.close();
      throw error;
    }
  });
}

/** Tells what is plugged in the end. */
async function rehearse(rules: PrepareRules, shell: Shell, agent: AgentClient): Promise<number> {
  const { mechanism, geometry, loadTimeoutMs, rehearsalTimeoutMs } = rules;
  const { domain, template } = shell;
  await agent.wake(randomBytes(entropyBytes));
  const elastic = elasticFor(mechanism, { domain, agent, geometry, askedMib: 0 });
  await plugWholly(elastic, geometry.blockMib, loadTimeoutMs);
  const runtime = runtimeOf(template.subject);
  await agent.rehearse({ runtime, timeoutMs: rehearsalTimeoutMs }).catch((error: unknown) => {
    if (!(error instanceof AgentFailure)) throw error;
    // Its starts are slower, and nothing else.
    rules.logger.warn({ runtime, err: error }, 'a start could not be rehearsed');
  });
  await plugWholly(elastic, 0, loadTimeoutMs);
  return plugWholly(elastic, pluggedFor(limits.minMemoryMib), loadTimeoutMs);
}
