/** Many instances resized at once, as when a burst of invocations names other sizes. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { FunctionRecord } from '../../src/model/function.js';
import type { Instance } from '../../src/pool/instance.js';
import { timeOf } from '../clock.js';
import type { Ground } from '../ground.js';
import { lonelyRow, type Row, rowOf } from '../row.js';

const instances = 20;
const bootsAtOnce = 2;
const turns = 5;
const smallMib = 128;
const largeMib = 256;
const nsPerMs = 1e6;

/** 20 grows side by side against one after another, and how long the event loop was held up. */
export async function resize20(ground: Ground, fn: FunctionRecord): Promise<readonly Row[]> {
  const all = await bootAll(ground, fn);
  const together = (mib: number) => Promise.all(all.map((instance) => instance.resize(mib)));
  const inTurn = async (mib: number) => {
    for (const instance of all) await instance.resize(mib);
  };
  const samples: { ballast: number[]; against: number[] } = { ballast: [], against: [] };
  const delays: number[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    const loop = monitorEventLoopDelay({ resolution: 1 });
    loop.enable();
    samples.ballast.push(await timeOf(() => together(largeMib)));
    loop.disable();
    delays.push(loop.max / nsPerMs);
    await together(smallMib);
    samples.against.push(await timeOf(() => inTurn(largeMib)));
    await together(smallMib);
  }
  await Promise.all(all.map((instance) => ground.end(instance)));
  return [
    rowOf('resize-20', samples, 'one after another'),
    lonelyRow('resize-20-loop-delay', delays),
  ];
}

async function bootAll(ground: Ground, fn: FunctionRecord): Promise<Instance[]> {
  const all: Instance[] = [];
  while (all.length < instances) {
    const some = Array.from({ length: bootsAtOnce }, () => ground.bootBare(fn, smallMib));
    all.push(...(await Promise.all(some)));
  }
  return all;
}
