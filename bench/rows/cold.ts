/** How long the first caller of a function waits, and what its instance costs. */
import { randomFillSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { FunctionRecord } from '../../src/model/function.js';
import type { Instance } from '../../src/pool/instance.js';
import type { Pool } from '../../src/pool/pool.js';
import { findQemuPid } from '../../src/pool/resident.js';
import type { TestEntry } from '../../test/src/store/zips.js';
import { timeOf } from '../clock.js';
import { type Ground, invoke } from '../ground.js';
import { lonelyRow, type Row, rowOf, type Samples } from '../row.js';

const turns = 5;
const wholeVcpuMib = 1769;
const smallMib = 128;
const readyPollMs = 50;
/** For what a start left to do in the background. */
const quietMs = 2_000;
const againstBoot = 'the same by booting';
const bytesPerMib = 1024 * 1024;
/** Of a package that may unpack to 250. */
const bulkMib = 245;

export interface ColdFunctions {
  readonly node: FunctionRecord;
  readonly python: FunctionRecord;
  readonly provided: FunctionRecord;
  /** `node` with `bulk` beside it. */
  readonly bulky: FunctionRecord;
}

/** Nearly as much as a package may unpack to, in files of 1 MiB of which a fifth is random. */
export function bulk(): TestEntry[] {
  return Array.from({ length: bulkMib }, (_, at) => ({
    name: `bulk/${at}`,
    bytes: randomFillSync(Buffer.alloc(bytesPerMib), 0, Math.floor(bytesPerMib / 5)),
  }));
}

/** Cold starts by a ready shell against boots, of each kind of runtime. */
export async function coldStarts(
  ground: Ground,
  { bulky, ...functions }: ColdFunctions,
): Promise<Row[]> {
  const pool = await ground.clones();
  const rows: Row[] = [];
  for (const [kind, fn] of Object.entries(functions)) {
    await pool.buildTemplate(fn.runtime);
    rows.push(await coldStart(ground, pool, `cold-${kind}`, fn));
    pool.keepShells(fn.runtime, 0);
  }
  pool.keepShells(functions.node.runtime, 1);
  rows.push(...(await clones(ground, pool, functions.node)));
  rows.push(await bulkyStart(ground, pool, functions.node, bulky));
  return rows;
}

async function coldStart(
  ground: Ground,
  pool: Pool,
  name: string,
  fn: FunctionRecord,
): Promise<Row> {
  const samples = await inTurns(pool, fn, {
    ballast: () => firstInvocation(ground, pool, fn),
    against: () => firstInvocation(ground, ground.pool, fn),
  });
  return rowOf(name, samples, againstBoot);
}

/** What a large package costs a cold start. */
async function bulkyStart(
  ground: Ground,
  pool: Pool,
  small: FunctionRecord,
  bulky: FunctionRecord,
): Promise<Row> {
  const samples = await inTurns(pool, small, {
    ballast: () => firstInvocation(ground, pool, bulky),
    against: () => firstInvocation(ground, pool, small),
  });
  return rowOf('cold-node-bulky', samples, `the same of 1 KiB of code, not ${bulkMib} MiB`);
}

/** Both by turns, each when a shell of the function's runtime is ready. */
async function inTurns(
  pool: Pool,
  fn: FunctionRecord,
  measured: Record<'ballast' | 'against', () => Promise<number>>,
): Promise<Samples> {
  const samples: { ballast: number[]; against: number[] } = { ballast: [], against: [] };
  for (let turn = 0; turn < turns; turn += 1) {
    for (const side of ['ballast', 'against'] as const) {
      await shellReady(pool, fn);
      samples[side].push(await measured[side]());
    }
  }
  return samples;
}

async function firstInvocation(ground: Ground, pool: Pool, fn: FunctionRecord): Promise<number> {
  let instance: Instance | null = null;
  const tookMs = await timeOf(async () => {
    instance = await ground.boot(fn, wholeVcpuMib, pool);
    await invoke(instance, {});
  });
  if (instance !== null) await ground.end(instance, pool);
  return tookMs;
}

/** From a ready shell to a guest that runs at its size, and what an idle clone has of its own. */
async function clones(ground: Ground, pool: Pool, fn: FunctionRecord): Promise<Row[]> {
  const runningMs: number[] = [];
  const privateMib: { ballast: number[]; against: number[] } = { ballast: [], against: [] };
  for (let turn = 0; turn < turns; turn += 1) {
    await shellReady(pool, fn);
    let instance: Instance | null = null;
    runningMs.push(
      await timeOf(async () => {
        instance = await ground.bootBare(fn, smallMib, pool);
      }),
    );
    privateMib.ballast.push(await idleMib(ground, instance as unknown as Instance, pool));
    const booted = await ground.bootBare(fn, smallMib);
    privateMib.against.push(await idleMib(ground, booted, ground.pool));
  }
  return [
    lonelyRow('shell-to-running', runningMs),
    rowOf('clone-private-mib', privateMib, 'a booted instance', 'MiB'),
  ];
}

/** What an instance has of the host's memory for itself after an invocation. Ends it. */
async function idleMib(ground: Ground, instance: Instance, pool: Pool): Promise<number> {
  await instance.startRuntime(smallMib);
  await invoke(instance, {});
  await delay(quietMs);
  const pid = await findQemuPid(instance.domain.uuid);
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
  const kib = [...rollup.matchAll(/^Private_(?:Clean|Dirty): +(\d+) kB$/gm)];
  await ground.end(instance, pool);
  return kib.reduce((sum, [, one]) => sum + Number(one) / 1024, 0);
}

async function shellReady(pool: Pool, { runtime }: FunctionRecord): Promise<void> {
  const isReady = () =>
    pool.templates().some(({ of, readyShells }) => of === runtime && readyShells > 0);
  while (!isReady()) await delay(readyPollMs);
  await delay(quietMs);
}
