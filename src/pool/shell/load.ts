/**
 * Makes a shell an instance: its template's state, its function's code, a time and random numbers
 * of its own.
 */
import { randomBytes } from 'node:crypto';
import type { AgentClient, AgentHandlers } from '../../agent/client.js';
import { boundedBy } from '../../memory/bound.js';
import type { Mechanism } from '../../memory/elastic.js';
import { elasticFor } from '../../memory/elasticFor.js';
import { type Geometry, pluggedFor } from '../../memory/geometry.js';
import { plugWholly } from '../../memory/settleWholly.js';
import type { FunctionRecord } from '../../model/function.js';
import type { InstanceParts } from '../instance.js';
import { insertTask } from '../taskDisk.js';
import { enter } from './enter.js';
import type { Shell } from './shell.js';

/** As many as two of the kernel's generators take in. */
export const entropyBytes = 64;

export interface LoadRules {
  readonly geometry: Geometry;
  readonly mechanism: Mechanism;
  /** From the first request to QEMU to the guest's first memory. */
  readonly loadTimeoutMs: number;
}

export interface LoadOrder {
  readonly instanceId: string;
  readonly fn: FunctionRecord;
  readonly requestedMib: number;
  readonly handlers: AgentHandlers;
  readonly signal: AbortSignal;
}

/** @throws Error; the shell is of no use then, and the caller ends it */
export async function loadShell(
  rules: LoadRules,
  shell: Shell,
  order: LoadOrder,
): Promise<InstanceParts> {
  const { template, domain, dir } = shell;
  const { loadTimeoutMs } = rules;
  const reason = new Error(`The clone was not ready within ${loadTimeoutMs} ms.`);
  return boundedBy({ boundMs: loadTimeoutMs, reason, outer: order.signal }, async (signal) => {
    let agent: AgentClient | null = null;
    try {
      agent = await letRun(shell, order, signal);
      const { instanceId, fn } = order;
      const plugged = await unlessAborted(signal, wake(rules, shell, agent, order));
      const isInitialised = template.subject.kind === 'function';
      const start = template.method;
      return { instanceId, fn, start, isInitialised, domain, agent, dir, ...plugged };
    } catch (error) {
      agent?.close();
      throw signal.aborted ? signal.reason : error;
    }
  });
}

/** With the function's code in its place. */
async function letRun(
  shell: Shell,
  { fn, handlers }: LoadOrder,
  signal: AbortSignal,
): Promise<AgentClient> {
  const { template, domain, agent } = shell;
  const beforeRun = async () => {
    if (template.taskPath === null) await insertTask(domain, fn.code.imagePath, signal);
  };
  if (agent === null) return enter(shell, { handlers, signal, beforeRun });
  agent.listen(handlers);
  await beforeRun();
  await domain.resume({ signal });
  return agent;
}

/** Whoever gives up need not wait for what the guest says, nor for its memory. */
export async function unlessAborted<T>(signal: AbortSignal, task: Promise<T>): Promise<T> {
  let abort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason);
  });
  signal.addEventListener('abort', abort, { once: true });
  try {
    if (signal.aborted) abort();
    return await Promise.race([task, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

async function wake(
  { mechanism, geometry, loadTimeoutMs }: LoadRules,
  { domain, pluggedMib: askedMib }: Shell,
  agent: AgentClient,
  { requestedMib }: LoadOrder,
): Promise<Pick<InstanceParts, 'elastic' | 'pluggedMib'>> {
  await agent.wake(randomBytes(entropyBytes));
  const elastic = elasticFor(mechanism, { domain, agent, geometry, askedMib });
  const wantedMib = pluggedFor(requestedMib);
  if (wantedMib !== askedMib) await plugWholly(elastic, wantedMib, loadTimeoutMs);
  return { elastic, pluggedMib: wantedMib };
}
