import { mock } from 'node:test';
import { pino } from 'pino';
import t from 'tap';
import type { Needs } from '../../../src/model/needs.js';
import { NeedLog } from '../../../src/scheduler/needLog.js';

const maxMib = 1024;
const logger = pino({ level: 'silent' });

class FakeStore {
  readonly rows = new Map<string, Needs>();
  saves = 0;
  failure: Error | null = null;

  load(): Map<string, Needs> {
    return new Map(this.rows);
  }

  save(changed: ReadonlyMap<string, Needs>): void {
    this.saves += 1;
    if (this.failure !== null) throw this.failure;
    for (const [name, needs] of changed) this.rows.set(name, needs);
  }
}

function openLog(store = new FakeStore()) {
  mock.timers.enable({ apis: ['setInterval'] });
  const log = new NeedLog(store, logger);
  t.teardown(() => mock.timers.reset());
  return { store, log };
}

t.beforeEach(() => mock.timers.reset());

t.test('many needs are written at once, and not while nothing is new', async (t) => {
  const { store, log } = openLog();
  for (let at = 0; at < 100; at += 1) log.note(at % 2 === 0 ? 'even' : 'odd', 200);
  t.equal(store.saves, 0);
  mock.timers.tick(5_000);
  t.equal(store.saves, 1);
  t.same([...store.rows.keys()], ['even', 'odd']);
  mock.timers.tick(50_000);
  t.equal(store.saves, 1);
});

t.test('what was written is there for the next service', async (t) => {
  const { store, log } = openLog();
  for (let at = 0; at < 10; at += 1) log.note('f', 300);
  log.close();
  mock.timers.reset();
  const next = openLog(store).log;
  t.same(next.sizing('f', maxMib), log.sizing('f', maxMib));
  t.equal(next.sizing('f', maxMib).samples, 10);
  t.equal(next.sizing('other', maxMib).samples, 0);
});

t.test('what could not be written is tried again', async (t) => {
  const { store, log } = openLog();
  store.failure = new Error('the disk is full');
  log.note('f', 300);
  mock.timers.tick(5_000);
  t.equal(store.rows.size, 0);
  store.failure = null;
  mock.timers.tick(5_000);
  t.same([...store.rows.keys()], ['f']);
});

t.test('a function that has gone is neither known nor written', async (t) => {
  const { store, log } = openLog();
  log.note('f', 300);
  log.forget('f');
  log.close();
  t.equal(store.saves, 0);
  t.equal(log.sizing('f', maxMib).samples, 0);
});
