/** Boots one VM: domain, channel, first memory. Leaves nothing behind when it fails. */
import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Connection, Domain } from '../../lib/index.js';
import { AgentClient, type AgentHandlers } from '../agent/client.js';
import { type Geometry, pluggedFor } from '../memory/geometry.js';
import { VirtioMem } from '../memory/virtioMem.js';
import { BallastError } from '../model/errors.js';
import type { FunctionRecord } from '../model/function.js';
import { destroyDomain } from './destroy.js';
import { consoleRing, type DomainSpec, domainXml } from './domainXml.js';
import type { GuestImage } from './guestImage.js';
import type { InstanceParts } from './instance.js';
import { createScratchDisk } from './scratch.js';

/** How much of the guest's console an error quotes. */
const consoleTailBytes = 2048;

export interface BootRules {
  readonly connection: Connection;
  readonly ownerId: string;
  readonly accelerator: 'kvm' | 'tcg';
  readonly image: GuestImage;
  readonly geometry: Geometry;
  readonly vcpus: number;
  readonly instancesDir: string;
  /** How long a guest may take from its start to its agent's hello and its first memory. */
  readonly bootTimeoutMs: number;
}

export interface BootOrder {
  readonly instanceId: string;
  readonly fn: FunctionRecord;
  readonly requestedMib: number;
  readonly handlers: AgentHandlers;
  /** Aborted when the service stops: a boot under way is given up. */
  readonly signal: AbortSignal;
}

export function instanceDir(instancesDir: string, instanceId: string): string {
  return join(instancesDir, instanceId);
}

/** @throws BallastError INSTANCE_START_FAILED, with the end of the guest's console */
export async function bootInstance(rules: BootRules, order: BootOrder): Promise<InstanceParts> {
  const dir = instanceDir(rules.instancesDir, order.instanceId);
  let domain: Domain | null = null;
  try {
    await mkdir(dir, { mode: 0o711 });
    const spec = specOf(rules, order, dir);
    await createScratchDisk(spec.scratchPath, order.fn.ephemeralMib);
    domain = await rules.connection.createDomain(domainXml(spec));
    return await reach(rules, order, domain, spec.channelPath);
  } catch (cause) {
    const consoleTail = domain === null ? '' : await readConsole(domain);
    if (domain !== null) await destroyDomain(domain);
    await rm(dir, { recursive: true, force: true });
    throw startFailed(order, cause, consoleTail);
  }
}

function specOf(rules: BootRules, order: BootOrder, dir: string): DomainSpec {
  return {
    name: `ballast-${order.instanceId}`,
    uuid: randomUUID(),
    ownerId: rules.ownerId,
    accelerator: rules.accelerator,
    floorMib: rules.geometry.floorMib,
    vcpus: rules.vcpus,
    elastic: { sizeMib: rules.geometry.maxMib, blockMib: rules.geometry.blockMib },
    requestedMib: pluggedFor(order.requestedMib),
    kernelPath: rules.image.kernelPath,
    initramfsPath: rules.image.initramfsPath,
    rootPath: rules.image.rootPath,
    taskPath: order.fn.code.imagePath,
    scratchPath: join(dir, 'scratch.img'),
    channelPath: join(dir, 'agent'),
  };
}

async function reach(
  rules: BootRules,
  order: BootOrder,
  domain: Domain,
  channelPath: string,
): Promise<InstanceParts> {
  const started = performance.now();
  const signal = AbortSignal.any([order.signal, AbortSignal.timeout(rules.bootTimeoutMs)]);
  const { client } = await AgentClient.connect(channelPath, { ...order.handlers, signal });
  const elastic = new VirtioMem(domain, {
    sizeMib: rules.geometry.maxMib,
    blockMib: rules.geometry.blockMib,
  });
  const targetMib = pluggedFor(order.requestedMib);
  const leftMs = Math.max(0, rules.bootTimeoutMs - (performance.now() - started));
  const { pluggedMib, settled } = await elastic.settle(targetMib, leftMs);
  if (!settled) {
    client.close();
    throw new Error(`The guest plugged ${pluggedMib} of its first ${targetMib} MiB in time.`);
  }
  const { instanceId, fn } = order;
  return { instanceId, fn, domain, agent: client, elastic, pluggedMib };
}

async function readConsole(domain: Domain): Promise<string> {
  const read = { device: consoleRing, size: consoleTailBytes };
  const tail = await domain.qmp<string>('ringbuf-read', read).catch(() => '');
  return String(tail).trim();
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
