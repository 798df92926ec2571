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
import { lonelyRow, median, type Row, rowOf, type Samples } from '../row.js';

const turns = 5;
const smallMib = 128;
/** On both sides: the smallest function's share of one would take 14 times as long. */
const wholeVcpu = 1000;
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

/** What the first caller of a function waits for, each from the end of the one before. */
export interface Steps {
  /** To a guest that has its memory. */
  readonly runningMs: number;
  /** To a runtime that asks for its first invocation. */
  readonly initialisedMs: number;
  readonly answeredMs: number;
}

/** The medians of the same function's first invocations. */
export interface ColdStart {
  readonly kind: string;
  readonly clone: Steps;
  readonly boot: Steps;
}

/** Nearly as much as a package may unpack to, in files of 1 MiB of which a fifth is random. */
export function bulk(): TestEntry[] {
  return Array.from({ length: bulkMib }, (_, at) => ({
    name: `bulk/${at}`,
    bytes: randomFillSync(Buffer.alloc(bytesPerMib), 0, Math.floor(bytesPerMib / 5)),
  }));
}

/**
 * Cold starts by a ready shell against boots, of each kind of runtime.
 * @param add Is given each row when it is measured: all of them take minutes.
 */
export async function coldStarts(
  ground: Ground,
  { bulky, ...functions }: ColdFunctions,
  add: (...rows: readonly Row[]) => void,
): Promise<readonly ColdStart[]> {
  const pool = await ground.clones();
  const starts: ColdStart[] = [];
  for (const [kind, fn] of Object.entries(functions)) {
    await pool.buildTemplate(fn.runtime);
    const { ballast, against } = await inTurns(pool, fn, {
      ballast: () => firstInvocation(ground, pool, fn),
      against: () => firstInvocation(ground, ground.pool, fn),
    });
    add(rowOf(`cold-${kind}`, totals({ ballast, against }), againstBoot));
    starts.push({ kind, clone: medians(ballast), boot: medians(against) });
    pool.keepShells(fn.runtime, 0);
  }
  pool.keepShells(functions.node.runtime, 1);
  add(...(await clones(ground, pool, functions.node)));
  add(await bulkyStart(ground, pool, functions.node, bulky));
  return starts;
}

export function totalMs({ runningMs, initialisedMs, answeredMs }: Steps): number {
  return runningMs + initialisedMs + answeredMs;
}

function totals({ ballast, against }: Measured): Samples {
  return { ballast: ballast.map(totalMs), against: against.map(totalMs) };
}

function medians(steps: readonly Steps[]): Steps {
  return {
    runningMs: median(steps.map(({ runningMs }) => runningMs)),
    initialisedMs: median(steps.map(({ initialisedMs }) => initialisedMs)),
    answeredMs: median(steps.map(({ answeredMs }) => answeredMs)),
  };
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
  return rowOf('cold-node-bulky', totals(samples), `the same of 1 KiB of code, not ${bulkMib} MiB`);
}

type Measured = Readonly<Record<'ballast' | 'against', readonly Steps[]>>;

/** Both by turns, each when a shell of the function's runtime is ready. */
async function inTurns(
  pool: Pool,
  fn: FunctionRecord,
  measured: Readonly<Record<'ballast' | 'against', () => Promise<Steps>>>,
): Promise<Measured> {
  const samples: Record<'ballast' | 'against', Steps[]> = { ballast: [], against: [] };
  for (let turn = 0; turn < turns; turn += 1) {
    for (const side of ['ballast', 'against'] as const) {
      await shellReady(pool, fn);
      samples[side].push(await measured[side]());
    }
  }
  return samples;
}

async function firstInvocation(ground: Ground, pool: Pool, fn: FunctionRecord): Promise<Steps> {
  const startedMs = performance.now();
  const instance = await ground.bootBare(fn, smallMib, pool);
  const runningMs = performance.now();
  await instance.startRuntime(smallMib, wholeVcpu);
  const initialisedMs = performance.now();
  await invoke(instance, {});
  const answeredMs = performance.now();
  await ground.end(instance, pool);
  return {
    runningMs: runningMs - startedMs,
    initialisedMs: initialisedMs - runningMs,
    answeredMs: answeredMs - initialisedMs,
  };
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
