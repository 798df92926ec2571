/** Makes a template: boots a guest, has it load a runtime, stops it, and keeps what it is. */
import { chmod, chown, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Domain } from '../../../lib/index.js';
import { AgentClient } from '../../agent/client.js';
import type { StartReply } from '../../agent/messages.js';
import { syncPath } from '../../files/syncPath.js';
import { boundedBy } from '../../memory/bound.js';
import { BallastError } from '../../model/errors.js';
import type { FunctionIdentity } from '../../model/identity.js';
import { limits } from '../../model/limits.js';
import { destroyDomain } from '../destroy.js';
import { domainXml } from '../domainXml.js';
import {
  type Machine,
  type MachineRules,
  machineSpec,
  makeMachineDir,
  readConsole,
} from '../machine.js';
import { createScratchDisk, packScratch, scratchPathIn } from '../scratch.js';
import type { StartMethod } from '../startMethod.js';
import { initialise } from './initialise.js';
import { type TemplateManifest, writeManifest } from './manifest.js';
import { saveState } from './migration.js';
import type { QemuIds } from './ramHolder.js';
import { type Subject, subjectName } from './subject.js';

export const ramName = 'boot.ram';
export const stateName = 'device.state';
/** Of the scratch disk, without its holes: 10 GiB of them would take half a minute to check. */
export const scratchName = 'scratch.tar';

/** The guest learns late that its host has gone; a template must not believe that it is there. */
const hostGoneMs = 300;
const saveMs = 60_000;
const bytesPerMib = 1024 * 1024;

export interface BuildRules {
  readonly machine: MachineRules;
  readonly method: StartMethod;
  /** Whom QEMU runs as; null where that is this process's user. */
  readonly qemuIds: QemuIds | null;
  readonly blankScratchPath: string;
  readonly emptyTaskPath: string;
  readonly bootTimeoutMs: number;
  readonly initTimeoutMs: number;
  readonly identity: FunctionIdentity;
  readonly settleMs: number;
}

export interface BuildOrder {
  readonly key: string;
  readonly subject: Subject;
  /** Where the template is to lie. */
  readonly dir: string;
  /** Told how far it is, for people. */
  readonly onStage: (stage: string) => void;
  readonly onStray: (domain: Domain) => void;
  readonly signal: AbortSignal;
}

/** @throws Error that says what went wrong; nothing is left behind */
export async function buildTemplate(
  rules: BuildRules,
  order: BuildOrder,
): Promise<TemplateManifest> {
  const started = performance.now();
  const work = `${order.dir}.new`;
  await rm(work, { recursive: true, force: true });
  let domain: Domain | null = null;
  try {
    await makeMachineDir(work);
    const machine = await prepare(rules, order, work);
    order.onStage('booting a guest');
    domain = await rules.machine.connection.createDomain(
      domainXml(machineSpec(rules.machine, machine)),
    );
    await bring(rules, order, domain, join(work, 'agent'));
    order.onStage('saving its state');
    await boundedBy({ boundMs: saveMs, outer: order.signal }, (signal) =>
      saveState(domain as Domain, join(work, stateName), rules.method, signal),
    );
    await destroyDomain(() => domain);
    domain = null;
    order.onStage('sealing it');
    return await seal(rules, order, work, started);
  } catch (cause) {
    const console = domain === null ? '' : await readConsole(domain);
    // Its files go when nothing writes to them any more.
    if (domain !== null) await end(domain, order.onStray);
    await rm(work, { recursive: true, force: true });
    // Where the function's own code failed, the machine has nothing to add.
    throw console === '' || cause instanceof BallastError ? cause : withConsole(cause, console);
  }
}

async function prepare(rules: BuildRules, order: BuildOrder, work: string): Promise<Machine> {
  await createScratchDisk(rules.blankScratchPath, scratchPathIn(work));
  const machine = {
    name: `ballast-t-${order.key.slice(0, 12)}`,
    dir: work,
    taskPath:
      order.subject.kind === 'function' ? order.subject.fn.code.imagePath : rules.emptyTaskPath,
  };
  if (rules.method !== 'clone') return machine;
  const path = join(work, ramName);
  const file = await open(path, 'wx', 0o600);
  await file.truncate(rules.machine.geometry.floorMib * bytesPerMib).finally(() => file.close());
  if (rules.qemuIds !== null) await chown(path, rules.qemuIds.uid, rules.qemuIds.gid);
  return { ...machine, ram: { path, isShared: true } };
}

/** Brings the guest to where its clones are to begin. */
async function bring(
  rules: BuildRules,
  order: BuildOrder,
  domain: Domain,
  channelPath: string,
): Promise<void> {
  const bound = { boundMs: rules.bootTimeoutMs, outer: order.signal };
  const { client } = await boundedBy(bound, (signal) =>
    AgentClient.connect(channelPath, { signal }),
  );
  const abort = () => client.close();
  order.signal.addEventListener('abort', abort, { once: true });
  try {
    const { subject } = order;
    order.onStage(`loading ${subjectName(subject)}`);
    if (subject.kind === 'function') await initialise(rules, { domain, agent: client }, subject.fn);
    else await preload(rules, client, subject.runtime);
  } finally {
    order.signal.removeEventListener('abort', abort);
    client.close();
  }
  await domain.qmp('query-status', {}, { signal: order.signal });
  await delay(hostGoneMs, undefined, { signal: order.signal });
}

async function preload(rules: BuildRules, client: AgentClient, runtime: string): Promise<void> {
  const { head } = await client.preload({
    runtime,
    storageBytes: limits.minEphemeralMib * bytesPerMib,
    timeoutMs: rules.initTimeoutMs,
    nowMs: Date.now(),
  });
  if (head.outcome !== 'ready') throw notReady(runtime, head);
}

/** Gives the template its name, once all of it is on the disk. */
async function seal(
  rules: BuildRules,
  order: BuildOrder,
  work: string,
  started: number,
): Promise<TemplateManifest> {
  await rm(join(work, 'agent'), { force: true });
  await packScratch(work, scratchName);
  const names = [stateName, scratchName];
  if (rules.method === 'clone') {
    names.push(ramName);
    // Of nobody who runs a guest: QEMU's user may read it, to make the copy that clones map.
    if (rules.qemuIds !== null) await chown(join(work, ramName), 0, 0);
    await chmod(join(work, ramName), 0o444);
  }
  const about = {
    key: order.key,
    of: subjectName(order.subject),
    buildMs: Math.round(performance.now() - started),
  };
  const manifest = await writeManifest(work, about, names);
  await rm(order.dir, { recursive: true, force: true });
  await rename(work, order.dir);
  await syncPath(join(order.dir, '..'));
  return manifest;
}

function notReady(runtime: string, head: StartReply): Error {
  const log = Buffer.from(head.logTail, 'base64').toString('utf8').trim();
  return new Error(
    `${runtime} did not come to wait for a function: ${head.outcome}` +
      (log === '' ? '' : `: ${log}`),
  );
}

function withConsole(cause: unknown, console: string): Error {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new Error(`${why} The guest's console ends: ${console}`, { cause });
}

async function end(domain: Domain, onStray: (domain: Domain) => void): Promise<void> {
  await destroyDomain(() => domain).catch(() => onStray(domain));
}
