/** Boots one VM: domain, channel, first memory. Leaves nothing behind when it fails. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Domain } from '../../lib/index.js';
import { AgentClient, type AgentHandlers } from '../agent/client.js';
import { boundedBy } from '../memory/bound.js';
import { elasticFor } from '../memory/elasticFor.js';
import { pluggedFor } from '../memory/geometry.js';
import { settleWholly } from '../memory/settleWholly.js';
import { BallastError } from '../model/errors.js';
import type { FunctionRecord } from '../model/function.js';
import { destroyDomain } from './destroy.js';
import { domainXml } from './domainXml.js';
import type { InstanceParts } from './instance.js';
import { type MachineRules, machineSpec, makeMachineDir, readConsole } from './machine.js';
import { createScratchDisk } from './scratch.js';

export interface BootRules extends MachineRules {
  readonly instancesDir: string;
  /** As `makeBlankScratch` made it. */
  readonly blankScratchPath: string;
  /** How long a guest may take from its start to its agent's hello and its first memory. */
  readonly bootTimeoutMs: number;
}

export interface BootOrder {
  readonly instanceId: string;
  readonly fn: FunctionRecord;
  readonly requestedMib: number;
  readonly handlers: AgentHandlers;
  /** Given a VM that failed to boot and could not be ended either. */
  readonly onStray: (domain: Domain) => void;
  /** Aborted when the service stops: a boot under way is given up. */
  readonly signal: AbortSignal;
}

function instanceDir(instancesDir: string, instanceId: string): string {
  return join(instancesDir, instanceId);
}

/**
 * @throws BallastError INSTANCE_START_FAILED, with the end of the guest's console unless QEMU ended
 * with its guest; the reason of `order.signal` once that is aborted
 */
export async function bootInstance(rules: BootRules, order: BootOrder): Promise<InstanceParts> {
  const dir = instanceDir(rules.instancesDir, order.instanceId);
  let domain: Domain | null = null;
  try {
    await makeMachineDir(dir);
    const spec = machineSpec(rules, {
      name: `ballast-${order.instanceId}`,
      dir,
      taskPath: order.fn.code.imagePath,
      requestedMib: pluggedFor(order.requestedMib),
    });
    await createScratchDisk(rules.blankScratchPath, spec.scratchPath);
    domain = await rules.connection.createDomain(domainXml(spec));
    return await reach(rules, order, domain, spec.channelPath);
  } catch (cause) {
    const begun = domain;
    const consoleTail = begun === null ? '' : await readConsole(begun);
    if (begun !== null) await destroyDomain(() => begun).catch(() => order.onStray(begun));
    await rm(dir, { recursive: true, force: true });
    order.signal.throwIfAborted();
    throw startFailed(order, cause, consoleTail);
  }
}

async function reach(
  rules: BootRules,
  order: BootOrder,
  domain: Domain,
  channelPath: string,
): Promise<InstanceParts> {
  const started = performance.now();
  const bound = { boundMs: rules.bootTimeoutMs, outer: order.signal };
  const { client } = await boundedBy(bound, (signal) =>
    AgentClient.connect(channelPath, { ...order.handlers, signal }),
  );
  const targetMib = pluggedFor(order.requestedMib);
  const { mechanism, geometry } = rules;
  const elastic = elasticFor(mechanism, { domain, agent: client, geometry, askedMib: targetMib });
  const leftMs = Math.max(0, rules.bootTimeoutMs - (performance.now() - started));
  const pluggedMib = await settleWholly(elastic, targetMib, leftMs).catch((error: unknown) => {
    client.close();
    throw error;
  });
  const { instanceId, fn } = order;
  const dir = instanceDir(rules.instancesDir, instanceId);
  return {
    instanceId,
    fn,
    start: 'boot',
    isInitialised: false,
    domain,
    agent: client,
    elastic,
    pluggedMib,
    dir,
  };
}

function startFailed(order: BootOrder, cause: unknown, consoleTail: string): BallastError {
  const why = cause instanceof Error ? cause.message : String(cause);
  const quote = consoleTail === '' ? '' : ` The guest's console ends: ${consoleTail}`;
  return new BallastError(
    'INSTANCE_START_FAILED',
    `No instance of ${order.fn.functionName} could be started: ${why}${quote}`,
    { cause },
  );
}
