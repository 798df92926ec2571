import t from 'tap';
import { ShellKeeper } from '../../../src/scheduler/shellKeeper.js';

const rules = { refillMs: 1000, minShells: 1, maxShells: 4, missShare: 0.05 };
const minuteMs = 60_000;

function keeper() {
  const told: [string, number][] = [];
  const keepShells = (runtime: string, wanted: number) => told.push([runtime, wanted]);
  return { told, shells: new ShellKeeper({ keepShells }, rules) };
}

t.test('a burst of starts has more shells kept, of its runtime alone', async (t) => {
  const { told, shells } = keeper();
  for (let nowMs = 0; nowMs < 30_000; nowMs += 200) shells.started('python3.13', nowMs);
  shells.started('nodejs20.x', 30_000);
  t.same(told.at(-1), ['nodejs20.x', 1]);
  t.same(
    told.filter(([runtime]) => runtime === 'python3.13').map(([, wanted]) => wanted),
    [1, 2, 3, 4],
  );
});

t.test('they are let go of when it is over', async (t) => {
  const { told, shells } = keeper();
  for (let nowMs = 0; nowMs < 30_000; nowMs += 200) shells.started('python3.13', nowMs);
  for (let minute = 1; minute < 240; minute += 1) shells.tend(minute * minuteMs);
  t.same(told.at(-1), ['python3.13', 1]);
});

t.test('the pool is told of changes only', async (t) => {
  const { told, shells } = keeper();
  shells.started('provided', 0);
  shells.tend(10);
  shells.tend(20);
  t.equal(told.length, 1);
});
