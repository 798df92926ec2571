/** How long a caller waits, by what has to be done for the size. */
import { setTimeout as delay } from 'node:timers/promises';
import type { FunctionRecord } from '../../src/model/function.js';
import { timeOf } from '../clock.js';
import { type Ground, invoke } from '../ground.js';
import { lonelyRow, type Row, rowOf } from '../row.js';

const turns = 10;
const boots = 2;
/** So that no invocation pays for the processor time that the one before it has used up. */
const quotaMs = 500;
const smallMib = 128;
const largeMib = 512;

/** A warm invocation as it is, with a grow before it, and on a VM that is booted for it. */
export async function invocations(ground: Ground, fn: FunctionRecord): Promise<readonly Row[]> {
  const instance = await ground.boot(fn, smallMib);
  const warm = () => invoke(instance, {});
  const resized = async () => {
    await instance.resize(largeMib);
    await warm();
  };
  const plain: number[] = [];
  const grown: number[] = [];
  const booted: number[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    await delay(quotaMs);
    grown.push(await timeOf(resized));
    await delay(quotaMs);
    // At the size that it has grown to, since its share of the processor follows the size.
    plain.push(await timeOf(warm));
    await instance.resize(smallMib);
  }
  for (let turn = 0; turn < boots; turn += 1) {
    booted.push(await timeOf(() => bootAndInvoke(ground, fn)));
  }
  await ground.end(instance);
  const resize = { ballast: grown, against: booted };
  return [
    lonelyRow('warm-invoke', plain),
    rowOf('warm-invoke-resize', resize, 'a new VM booted at 512 MiB, then invoked'),
  ];
}

async function bootAndInvoke(ground: Ground, fn: FunctionRecord): Promise<void> {
  const instance = await ground.boot(fn, largeMib);
  await invoke(instance, {});
  void ground.end(instance);
}
