/** What the scheduler makes of reserved and provisioned concurrency, of bursts and of foresight. */
import { mock } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { ending } from '../../support/fakeInstance.js';
import type { FakePool } from '../../support/fakePool.js';
import { functionRecord } from '../../support/functionRecord.js';
import { Gate } from '../../support/gate.js';
import { budgetFor, chargeOf, requestFor, schedulerOver } from './harness.js';

const f = functionRecord('f');
const g = functionRecord('g');

async function settled(): Promise<void> {
  for (let turn = 0; turn < 40; turn += 1) await nextTurn();
}

function holdInvocations(pool: FakePool): Gate {
  const gate = new Gate();
  pool.behaviour.invoke = async () => {
    await gate.wait();
    return ending();
  };
  return gate;
}

/** Lets the sweeps come when a test says so. */
function sweeps(t: Test): () => Promise<void> {
  mock.timers.enable({ apis: ['setInterval'] });
  t.teardown(() => mock.timers.reset());
  return async () => {
    mock.timers.tick(5_000);
    await settled();
  };
}

t.test('a burst to one function does not starve another', async (t) => {
  const { pool, scheduler } = schedulerOver({ budgetMib: budgetFor(128, 128) });
  const served: string[] = [];
  const holding = holdInvocations(pool);
  const firstOfF = scheduler.invoke(requestFor(f, 128));
  await holding.arrival();
  pool.behaviour.invoke = async (instance) => {
    served.push(instance.fn.functionName);
    await nextTurn();
    return ending();
  };
  const burst = Array.from({ length: 40 }, () => scheduler.invoke(requestFor(f, 128)));
  const few = Array.from({ length: 3 }, () => scheduler.invoke(requestFor(g, 128)));
  holding.open();
  await Promise.all([firstOfF, ...burst, ...few]);
  const lastOfG = served.lastIndexOf('g');
  t.equal(served.length, 43);
  t.ok(lastOfG < 20, `the last of the few came after ${lastOfG} others, of 40`);
  t.same(pool.breaches, []);
});

t.test('of a function at most as many run as it has reserved', async (t) => {
  const { pool, scheduler } = schedulerOver();
  const gate = holdInvocations(pool);
  scheduler.reserve(f, 2);
  const running = [1, 2].map(() => scheduler.invoke(requestFor(f, 128)));
  await settled();
  await t.rejects(scheduler.invoke(requestFor(f, 128)), {
    code: 'CONCURRENCY_EXCEEDED',
    message: /reserved concurrency/,
    retryAfterSeconds: 1,
  });
  const other = scheduler.invoke(requestFor(g, 128));
  gate.open();
  await Promise.all([...running, other]);
  t.equal((await scheduler.invoke(requestFor(f, 128))).failure, null);
});

t.test('others leave room for what is reserved', async (t) => {
  const small = functionRecord('f', { memoryMib: 128 });
  const { pool, scheduler } = schedulerOver({ budgetMib: budgetFor(128, 128, 128) });
  scheduler.reserve(small, 1);
  const gate = holdInvocations(pool);
  const burst = [1, 2, 3].map(() => scheduler.invoke(requestFor(g, 128)));
  await settled();
  t.match(await scheduler.host(), { queued: 1, instances: { busy: 2 } }, 'though a third fits');
  const kept = scheduler.invoke(requestFor(small, 128));
  await settled();
  t.match(await scheduler.host(), { queued: 1, instances: { busy: 3 } });
  gate.open();
  await Promise.all([...burst, kept]);
});

t.test('an idle instance that is reserved is not evicted for others', async (t) => {
  const small = functionRecord('f', { memoryMib: 128 });
  const { pool, scheduler } = schedulerOver({ budgetMib: budgetFor(128, 128) });
  const { receipt } = await scheduler.invoke(requestFor(small, 128));
  scheduler.reserve(small, 1);
  const gate = holdInvocations(pool);
  const burst = [1, 2].map(() => scheduler.invoke(requestFor(g, 128)));
  await settled();
  t.match(await scheduler.instance(receipt.instanceId), { state: 'hot' });
  scheduler.reserve(small, null);
  await settled();
  t.match(await scheduler.host(), { queued: 0, instances: { busy: 2 } }, 'now it made room');
  gate.open();
  await Promise.all(burst);
});

t.test('a resize leaves what is kept for others', async (t) => {
  const small = functionRecord('f', { memoryMib: 128 });
  const { scheduler } = schedulerOver({ budgetMib: budgetFor(128, 128) + 10 });
  scheduler.reserve(small, 1);
  const { instanceId } = (await scheduler.invoke(requestFor(g, 128))).receipt;
  await t.rejects(scheduler.resize(instanceId, 256), { code: 'BUDGET_EXHAUSTED' });
  t.match(await scheduler.resize(instanceId, 138), { limitMib: 138 });
});

t.test('what is provisioned is started at once, stays hot, and is there again', async (t) => {
  const sweep = sweeps(t);
  const small = functionRecord('f', { memoryMib: 256 });
  const { pool, scheduler } = schedulerOver({ rules: { minHotMs: 0, leastKeepMs: 0 } });
  scheduler.provision(small, 2);
  await settled();
  t.match(await scheduler.host(), {
    instances: { hot: 2 },
    memory: { chargedMib: 2 * chargeOf(256) },
  });
  t.same(
    pool.booted.map(({ starts }) => starts),
    [1, 1],
    'their runtimes have been started',
  );
  await sweep();
  t.match(await scheduler.host(), { instances: { hot: 2 } }, 'the policy has no say in it');
  t.match((await scheduler.invoke(requestFor(small, 256))).receipt, { start: 'warm', initMs: 0 });
  pool.booted[0]?.crash();
  await settled();
  await sweep();
  t.match(await scheduler.host(), { instances: { hot: 2 } });
  scheduler.provision(small, 0);
  await sweep();
  t.match(await scheduler.host(), { instances: { hot: 0 } });
  t.same(pool.breaches, []);
});

t.test('what is provisioned takes the room of what is idle, not of what runs', async (t) => {
  const sweep = sweeps(t);
  const small = functionRecord('f', { memoryMib: 128 });
  const { pool, scheduler } = schedulerOver({ budgetMib: budgetFor(128, 128) });
  const gate = holdInvocations(pool);
  const running = [1, 2].map(() => scheduler.invoke(requestFor(g, 128)));
  await settled();
  scheduler.provision(small, 1);
  await sweep();
  t.match(await scheduler.host(), { instances: { busy: 2, hot: 0 } });
  gate.open();
  await Promise.all(running);
  await sweep();
  await sweep();
  const functions = (await scheduler.instances()).map(({ functionName }) => functionName);
  t.same(functions.sort(), ['f', 'g']);
});

t.test('more than the budget carries is not kept', async (t) => {
  const { scheduler } = schedulerOver({ budgetMib: budgetFor(128, 128) });
  const small = functionRecord('f', { memoryMib: 128 });
  t.throws(() => scheduler.reserve(small, 2), { code: 'INVALID_PARAMETER' });
  t.throws(() => scheduler.provision(small, 2), { code: 'INVALID_PARAMETER' });
  scheduler.reserve(small, 1);
});

t.test('a function that cannot be started is not tried again and again', async (t) => {
  const sweep = sweeps(t);
  const { pool, scheduler } = schedulerOver();
  pool.behaviour.start = async () => {
    throw new Error('no runtime');
  };
  scheduler.provision(functionRecord('f', { memoryMib: 128 }), 1);
  await sweep();
  await sweep();
  t.equal(pool.booted.length, 1);
  t.match(await scheduler.host(), { memory: { chargedMib: 0, reservedMib: 0 } });
});

t.test('an update ends what was provisioned of the revision before', async (t) => {
  const { scheduler } = schedulerOver();
  scheduler.provision(functionRecord('f', { memoryMib: 128 }), 1);
  await settled();
  scheduler.retire('f', 'second');
  await settled();
  t.match(await scheduler.host(), { instances: { hot: 0 }, memory: { chargedMib: 0 } });
});
