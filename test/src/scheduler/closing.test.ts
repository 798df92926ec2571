/** How a scheduler closes. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import t from 'tap';
import { ending } from '../../support/fakeInstance.js';
import type { FakePool } from '../../support/fakePool.js';
import { functionRecord } from '../../support/functionRecord.js';
import { Gate } from '../../support/gate.js';
import { budgetFor, requestFor, schedulerOver } from './harness.js';

const f = functionRecord('f');

/** Holds every invocation until the gate is opened. */
function holdInvocations(pool: FakePool): Gate {
  const gate = new Gate();
  pool.behaviour.invoke = async () => {
    await gate.wait();
    return ending();
  };
  return gate;
}

t.test('a close refuses what waits and what comes, and lets finish what runs', async (t) => {
  const { pool, scheduler } = schedulerOver({ budgetMib: budgetFor(128) });
  const gate = holdInvocations(pool);
  const running = scheduler.invoke(requestFor(f, 128));
  const waiting = scheduler.invoke(requestFor(f, 128));
  await gate.arrival();
  const closed = scheduler.close(60_000);
  await t.rejects(waiting, { code: 'SHUTTING_DOWN' });
  await t.rejects(scheduler.invoke(requestFor(f, 128)), { code: 'SHUTTING_DOWN' });
  gate.open();
  t.equal((await running).failure, null);
  await closed;
  t.same(pool.all(), []);
});

t.test('a close whose grace is over fails what still runs', async (t) => {
  const { pool, scheduler } = schedulerOver();
  const gate = holdInvocations(pool);
  const running = t.rejects(scheduler.invoke(requestFor(f, 128)), { code: 'SHUTTING_DOWN' });
  await gate.arrival();
  await scheduler.close(1);
  await running;
  t.same(pool.all(), []);
});

t.test('a close waits for boots, and leaves nothing of them', async (t) => {
  const { pool, scheduler } = schedulerOver();
  const gate = new Gate();
  pool.behaviour.boot = () => gate.wait();
  const running = t.rejects(scheduler.invoke(requestFor(f, 128)), { code: 'SHUTTING_DOWN' });
  await gate.arrival();
  const closed = scheduler.close(0);
  while (!pool.isClosing) await nextTurn();
  gate.open();
  await Promise.all([closed, running]);
  t.same(pool.all(), []);
});

t.test('a close tries again what could not be ended, and ends the rest meanwhile', async (t) => {
  const { pool, scheduler } = schedulerOver();
  await Promise.all([1, 2].map(() => scheduler.invoke(requestFor(f, 128))));
  const [stuck] = pool.all();
  let tries = 0;
  pool.behaviour.destroy = async (instanceId) => {
    if (instanceId !== stuck?.instanceId) return;
    tries += 1;
    if (tries === 1) throw new Error('no');
    t.same(pool.all(), [stuck], 'the other one has gone');
  };
  await scheduler.close(0);
  t.equal(tries, 2);
  t.same(pool.all(), []);
});

t.test('a close that leaves an instance says so', async (t) => {
  const { pool, scheduler } = schedulerOver();
  await scheduler.invoke(requestFor(f, 128));
  pool.behaviour.destroy = async () => {
    throw new Error('no');
  };
  await t.rejects(scheduler.close(0), { name: 'AggregateError' });
});
