/** Many cold starts as fast as possible, as when a function is called by many at once. */
import { availableParallelism } from 'node:os';
import type { FunctionRecord } from '../../src/model/function.js';
import type { Instance } from '../../src/pool/instance.js';
import { timeOf } from '../clock.js';
import { type Ground, invoke } from '../ground.js';
import { lonelyRow, type Row, rowOf } from '../row.js';

const starts = 50;
const startMib = 128;
/** Its share of one would take 14 times as long. */
const wholeVcpu = 1000;
const latestShare = 0.99;

/** 50 cold starts side by side against one after another: per start, and the 99th percentile. */
export async function coldBurst(ground: Ground, fn: FunctionRecord): Promise<readonly Row[]> {
  const pool = await ground.clones();
  await pool.buildTemplate(fn.runtime);
  const instances: Instance[] = [];
  const waitsMs: number[] = [];
  const endAll = async () => {
    await Promise.all(instances.splice(0).map((instance) => ground.end(instance, pool)));
  };
  const startOne = async () => {
    const instance = await ground.bootBare(fn, startMib, pool);
    instances.push(instance);
    await instance.startRuntime(startMib, wholeVcpu);
    await invoke(instance, {});
  };
  const burst = async (atOnce: number) => {
    const startedMs = performance.now();
    let left = starts;
    const work = async () => {
      while (left > 0) {
        left -= 1;
        await startOne();
        waitsMs.push(performance.now() - startedMs);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
  };
  const inTurnMs = await timeOf(() => burst(1));
  await endAll();
  waitsMs.length = 0;
  // The scheduler starts as many at a time.
  const burstMs = await timeOf(() => burst(availableParallelism()));
  await endAll();
  waitsMs.sort((one, other) => one - other);
  const p99 = waitsMs[Math.ceil(starts * latestShare) - 1] ?? Number.NaN;
  const perStart = { ballast: [burstMs / starts], against: [inTurnMs / starts] };
  return [
    rowOf('cold-burst-50', perStart, 'one after another, each'),
    lonelyRow('cold-burst-50-p99', [p99]),
  ];
}
