import { mock } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import t from 'tap';
import { BallastError } from '../../../src/model/errors.js';
import { ending } from '../../support/fakeInstance.js';
import type { FakePool } from '../../support/fakePool.js';
import { heldMib } from '../../support/fakePool.js';
import { functionRecord } from '../../support/functionRecord.js';
import { Gate } from '../../support/gate.js';
import { budgetFor, chargeOf, maxMib, requestFor, schedulerOver } from './harness.js';

const f = functionRecord('f');
const g = functionRecord('g');

async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await nextTurn();
}

/** Holds every invocation until the gate is opened. */
function holdInvocations(pool: FakePool): Gate {
  const gate = new Gate();
  pool.behaviour.invoke = async () => {
    await gate.wait();
    return ending();
  };
  return gate;
}

t.test('a warm instance serves every size, and each receipt says how', async (t) => {
  const { pool, scheduler } = schedulerOver();
  const first = await scheduler.invoke(requestFor(f, 128));
  const grown = await scheduler.invoke(requestFor(f, 512));
  const shrunk = await scheduler.invoke(requestFor(f, 256));
  const { instanceId } = first.receipt;
  t.match(first.receipt, {
    start: 'boot',
    fromMib: 0,
    limitMib: 128,
    resize: { mechanism: 'none' },
  });
  const resized = { instanceId, start: 'warm', initMs: 0, resize: { mechanism: 'virtio-mem' } };
  t.match(grown.receipt, { ...resized, fromMib: 128, pluggedMib: 512, limitMib: 512 });
  t.match(shrunk.receipt, { ...resized, fromMib: 512, pluggedMib: 256, limitMib: 256 });
  t.equal(pool.booted.length, 1);
  t.equal(pool.booted[0]?.starts, 1, 'its runtime was started once');
  t.match(await scheduler.host(), {
    memory: { chargedMib: chargeOf(256), reservedMib: 0 },
    instances: { hot: 1, busy: 0, starting: 0, evicting: 0 },
    queued: 0,
  });
  t.same(pool.breaches, []);
});

t.test('an instance serves one invocation at a time', async (t) => {
  const { pool, scheduler } = schedulerOver();
  const gate = holdInvocations(pool);
  const both = [scheduler.invoke(requestFor(f, 128)), scheduler.invoke(requestFor(f, 128))];
  await settled();
  t.match(await scheduler.host(), { instances: { busy: 2 } });
  gate.open();
  const [one, other] = await Promise.all(both);
  t.not(one?.receipt.instanceId, other?.receipt.instanceId);
  t.same(pool.breaches, []);
});

t.test('idle instances make room for others', async (t) => {
  const policy = { kind: 'fixed', keepMs: 600_000 } as const;
  const { pool, scheduler } = schedulerOver({ budgetMib: budgetFor(128, 128), policy });
  await scheduler.invoke(requestFor(f, 128));
  await scheduler.invoke(requestFor(g, 128));
  const h = functionRecord('h');
  const result = await scheduler.invoke(requestFor(h, 128));
  t.equal(result.receipt.start, 'boot');
  const left = (await scheduler.instances()).map(({ functionName }) => functionName).sort();
  t.same(left, ['g', 'h'], 'the one idle for longest went');
  t.same(pool.breaches, []);
});

t.test('who finds no room waits for it, and one too many is told to come again', async (t) => {
  const { pool, scheduler } = schedulerOver({ budgetMib: budgetFor(128), maxWaiting: 1 });
  const gate = holdInvocations(pool);
  const running = scheduler.invoke(requestFor(f, 128));
  await gate.arrival();
  const waiting = scheduler.invoke(requestFor(f, 128));
  await settled();
  t.match(await scheduler.host(), { queued: 1, instances: { busy: 1 } });
  await t.rejects(scheduler.invoke(requestFor(f, 128)), {
    code: 'QUEUE_FULL',
    retryAfterSeconds: 1,
  });
  gate.open();
  const [first, second] = await Promise.all([running, waiting]);
  t.equal(second.receipt.instanceId, first.receipt.instanceId);
  t.equal(second.receipt.start, 'warm');
});

t.test('who waits too long is told so', async (t) => {
  const { pool, scheduler } = schedulerOver({ budgetMib: budgetFor(128), maxWaitMs: 10 });
  const gate = holdInvocations(pool);
  const running = scheduler.invoke(requestFor(f, 128));
  await gate.arrival();
  await t.rejects(scheduler.invoke(requestFor(f, 128)), { code: 'QUEUE_TIMEOUT' });
  gate.open();
  await running;
});

t.test('a client that goes away while it waits frees its place and its memory', async (t) => {
  const { pool, scheduler } = schedulerOver({ budgetMib: budgetFor(256, 128) });
  const gate = holdInvocations(pool);
  const running = scheduler.invoke(requestFor(f, 256));
  await gate.arrival();
  const client = new AbortController();
  const large = scheduler.invoke(requestFor(g, 512, client.signal));
  const small = scheduler.invoke(requestFor(g, 128));
  await settled();
  t.match(await scheduler.host(), { queued: 2 }, 'the later one does not take the memory away');
  client.abort();
  await t.rejects(large, { code: 'CLIENT_GONE' });
  await settled();
  t.match(await scheduler.host(), { queued: 0, instances: { busy: 2 } });
  gate.open();
  await Promise.all([running, small]);
});

t.test('what a shrink frees serves the next before the invocation ends', async (t) => {
  const { pool, scheduler } = schedulerOver({ budgetMib: budgetFor(512) });
  await scheduler.invoke(requestFor(f, 512));
  const gate = new Gate();
  pool.behaviour.invoke = async (_, request) => {
    if (request.fn === f) await gate.wait();
    return ending();
  };
  const resize = new Gate();
  pool.behaviour.resize = async () => {
    await resize.wait();
    return undefined;
  };
  const long = scheduler.invoke(requestFor(f, 128));
  await resize.arrival();
  const next = scheduler.invoke(requestFor(g, 128));
  resize.open();
  t.equal((await next).receipt.start, 'boot');
  gate.open();
  await long;
});

t.test('a size that no instance can have is refused before it waits', async (t) => {
  const { scheduler } = schedulerOver();
  const tooLarge = requestFor(f, maxMib + 2);
  await t.rejects(scheduler.invoke(tooLarge), { code: 'SIZE_BEYOND_HOST' });
  t.throws(() => scheduler.checkSize(maxMib + 2), { code: 'SIZE_BEYOND_HOST' });
  t.match(await scheduler.host(), { queued: 0 });
});

t.test('an instance that holds its memory is passed over, and stays', async (t) => {
  const { pool, scheduler } = schedulerOver();
  const gate = holdInvocations(pool);
  const burst = Array.from({ length: 5 }, () => scheduler.invoke(requestFor(f, 512)));
  await settled();
  gate.open();
  await Promise.all(burst);
  pool.behaviour.resize = async () => {
    throw new BallastError('MEMORY_HELD', 'The function holds 300 MiB in use.');
  };
  const result = await scheduler.invoke(requestFor(f, 128));
  t.match(result.receipt, { start: 'boot', limitMib: 128 }, 'at last it has a new one');
  t.match(await scheduler.host(), { instances: { hot: 6 } });
});

t.test('an instance that cannot be resized is replaced', async (t) => {
  const { pool, scheduler } = schedulerOver();
  const { receipt } = await scheduler.invoke(requestFor(f, 128));
  pool.behaviour.resize = async () => {
    throw new BallastError('RESIZE_UNSETTLED', 'stuck');
  };
  const next = await scheduler.invoke(requestFor(f, 256));
  t.equal(next.receipt.start, 'boot');
  t.not(next.receipt.instanceId, receipt.instanceId);
  await settled();
  t.match(await scheduler.host(), { instances: { hot: 1, evicting: 0 } });
});

t.test('tries are bounded, and the last failure is the answer', async (t) => {
  const { pool, scheduler } = schedulerOver();
  pool.behaviour.start = async () => {
    throw new BallastError('GUEST_TIMEOUT', 'silence');
  };
  await t.rejects(scheduler.invoke(requestFor(f, 128)), { code: 'GUEST_TIMEOUT' });
  t.equal(pool.booted.length, 4);
  await settled();
  t.match(await scheduler.host(), { memory: { chargedMib: 0, reservedMib: 0 } });
});

t.test('a boot that fails is the answer, and costs nothing', async (t) => {
  const { pool, scheduler } = schedulerOver();
  pool.behaviour.boot = async () => {
    throw new BallastError('INSTANCE_START_FAILED', 'no kernel');
  };
  await t.rejects(scheduler.invoke(requestFor(f, 128)), { code: 'INSTANCE_START_FAILED' });
  t.match(await scheduler.host(), { memory: { chargedMib: 0, reservedMib: 0 } });
});

for (const failure of [{ kind: 'timeout' }, { kind: 'exit', exitCode: 1, signal: null }] as const) {
  t.test(`after the ending '${failure.kind}' the same VM has a new runtime`, async (t) => {
    const { pool, scheduler } = schedulerOver();
    pool.behaviour.invoke = async () => ending(failure);
    const failed = await scheduler.invoke(requestFor(f, 128));
    t.same(failed.failure, failure);
    pool.behaviour.invoke = async () => ending();
    const next = await scheduler.invoke(requestFor(f, 128));
    t.equal(next.failure, null);
    t.equal(next.receipt.instanceId, failed.receipt.instanceId);
    t.equal(pool.booted[0]?.starts, 2);
  });
}

t.test('an instance that ran out of memory is replaced', async (t) => {
  const { pool, scheduler } = schedulerOver();
  pool.behaviour.invoke = async () => ending({ kind: 'out-of-memory' });
  const failed = await scheduler.invoke(requestFor(f, 128));
  t.same(failed.failure, { kind: 'out-of-memory' });
  pool.behaviour.invoke = async () => ending();
  const next = await scheduler.invoke(requestFor(f, 128));
  t.not(next.receipt.instanceId, failed.receipt.instanceId);
  await settled();
  t.match(await scheduler.host(), { instances: { hot: 1, evicting: 0 } });
});

t.test('an instance that is lost in use fails its invocation and is cleared away', async (t) => {
  const { pool, scheduler } = schedulerOver();
  const gate = holdInvocations(pool);
  const running = scheduler.invoke(requestFor(f, 128));
  await gate.arrival();
  pool.booted[0]?.crash();
  await t.rejects(running, { code: 'INSTANCE_LOST' });
  await settled();
  t.same(pool.all(), []);
  t.match(await scheduler.host(), { memory: { chargedMib: 0, reservedMib: 0 } });
  gate.open();
  t.equal((await scheduler.invoke(requestFor(f, 128))).failure, null);
});

t.test('an idle instance that is lost is cleared away', async (t) => {
  const { pool, scheduler } = schedulerOver();
  await scheduler.invoke(requestFor(f, 128));
  pool.booted[0]?.crash();
  const next = await scheduler.invoke(requestFor(f, 128));
  t.equal(next.receipt.start, 'boot');
});

t.test('an idle instance nobody needs for long is evicted', async (t) => {
  mock.timers.enable({ apis: ['setInterval'] });
  t.teardown(() => mock.timers.reset());
  const { pool, scheduler } = schedulerOver({ rules: { minHotMs: 0, leastKeepMs: 0 } });
  await scheduler.invoke(requestFor(f, 128));
  t.equal(pool.all().length, 1);
  mock.timers.tick(5_000);
  await settled();
  t.same(pool.all(), []);
});

t.test('an idle instance is deflated when its function is not likely to be called', async (t) => {
  mock.timers.enable({ apis: ['setInterval'] });
  t.teardown(() => mock.timers.reset());
  const { pool, scheduler } = schedulerOver({ rules: { minHotMs: 0 } });
  const { instanceId } = (await scheduler.invoke(requestFor(f, 512))).receipt;
  mock.timers.tick(5_000);
  await settled();
  t.match(await scheduler.instance(instanceId), { state: 'deflated', limitMib: heldMib });
  const { receipt } = await scheduler.invoke(requestFor(f, 512));
  t.match(receipt, { instanceId, start: 'warm', fromMib: heldMib, limitMib: 512 });
  t.same(pool.breaches, []);
});

t.test('room is made by deflating, and whom that helps has waited for it', async (t) => {
  const { pool, scheduler } = schedulerOver({ budgetMib: budgetFor(512, 128) });
  const first = await scheduler.invoke(requestFor(f, 512));
  const second = await scheduler.invoke(requestFor(g, 400));
  t.equal(second.receipt.start, 'boot');
  t.match(await scheduler.instance(first.receipt.instanceId), { state: 'deflated' });
  t.equal(pool.all().length, 2, 'nobody was evicted');
});

t.test('an instance is seen while it boots, and cannot be used yet', async (t) => {
  const { pool, scheduler } = schedulerOver();
  const gate = new Gate();
  pool.behaviour.boot = () => gate.wait();
  const running = scheduler.invoke(requestFor(f, 128));
  await gate.arrival();
  const [view] = await scheduler.instances();
  t.match(view, { state: 'starting', functionName: 'f', pluggedMib: 0, residentMib: null });
  const instanceId = view?.instanceId ?? '';
  t.same(await scheduler.instance(instanceId), view);
  await t.rejects(scheduler.evict(instanceId), { code: 'INSTANCE_BUSY' });
  gate.open();
  await running;
  t.match(await scheduler.instances(), [{ instanceId, state: 'hot' }]);
});

t.test('only so many boot at a time; the next one boots when one has', async (t) => {
  const { pool, scheduler } = schedulerOver({ maxBoots: 1 });
  const gate = new Gate();
  pool.behaviour.boot = () => gate.wait();
  const running = [f, g].map((fn) => scheduler.invoke(requestFor(fn, 128)));
  await gate.arrival();
  t.match(await scheduler.host(), { instances: { starting: 1 }, queued: 1 });
  gate.open();
  await Promise.all(running);
  t.equal(pool.booted.length, 2);
});

t.test('an instance by itself: seen, resized, evicted', async (t) => {
  const { scheduler } = schedulerOver();
  const { instanceId } = (await scheduler.invoke(requestFor(f, 128))).receipt;
  t.match(await scheduler.instance(instanceId), {
    instanceId,
    state: 'hot',
    functionName: 'f',
    version: '$LATEST',
    pluggedMib: 128,
    limitMib: 128,
    residentMib: 128,
  });
  t.match(await scheduler.resize(instanceId, 511), {
    instanceId,
    requestedMib: 511,
    fromMib: 128,
    pluggedMib: 512,
    limitMib: 511,
    resize: { mechanism: 'virtio-mem', settled: true },
  });
  t.match(await scheduler.host(), { memory: { chargedMib: chargeOf(512), reservedMib: 0 } });
  await scheduler.evict(instanceId);
  t.same(await scheduler.instances(), []);
  await t.rejects(scheduler.instance(instanceId), { code: 'INSTANCE_NOT_FOUND' });
  await t.rejects(scheduler.evict(instanceId), { code: 'INSTANCE_NOT_FOUND' });
  await t.rejects(scheduler.resize(instanceId, 128), { code: 'INSTANCE_NOT_FOUND' });
});

t.test('a resize that the budget or the host does not allow is refused', async (t) => {
  const { scheduler } = schedulerOver({ budgetMib: budgetFor(128) + 100 });
  const { instanceId } = (await scheduler.invoke(requestFor(f, 128))).receipt;
  await t.rejects(scheduler.resize(instanceId, 512), {
    code: 'BUDGET_EXHAUSTED',
    message: /512 MiB would need 384 MiB more.*100 MiB of the budget are free/,
    details: { pluggedMib: 128, limitMib: 128 },
  });
  await t.rejects(scheduler.resize(instanceId, maxMib + 1), { code: 'SIZE_BEYOND_HOST' });
  t.match(await scheduler.instance(instanceId), { state: 'hot', limitMib: 128 });
});

t.test('an instance is resized while its function runs, as far as the budget goes', async (t) => {
  const { pool, scheduler } = schedulerOver({ budgetMib: budgetFor(512) });
  const gate = holdInvocations(pool);
  const running = scheduler.invoke(requestFor(f, 128));
  await gate.arrival();
  const instanceId = pool.booted[0]?.instanceId ?? '';
  t.match(await scheduler.resize(instanceId, 512), { fromMib: 128, limitMib: 512 });
  t.match(await scheduler.host(), { memory: { chargedMib: budgetFor(512), reservedMib: 0 } });
  await t.rejects(scheduler.resize(instanceId, 514), { code: 'BUDGET_EXHAUSTED' });
  t.match(await scheduler.resize(instanceId, 256), { fromMib: 512, limitMib: 256 });
  gate.open();
  t.match((await running).receipt, { requestedMib: 128, limitMib: 256 });
  await settled();
  t.match(await scheduler.host(), { memory: { chargedMib: budgetFor(256), reservedMib: 0 } });
  t.same(pool.breaches, []);
});

t.test('an invocation ends when the resize beside it has', async (t) => {
  const { pool, scheduler } = schedulerOver({ budgetMib: budgetFor(512) });
  const invoking = holdInvocations(pool);
  const running = scheduler.invoke(requestFor(f, 128));
  await invoking.arrival();
  const resizing = new Gate();
  pool.behaviour.resize = async () => {
    await resizing.wait();
    return undefined;
  };
  const instanceId = pool.booted[0]?.instanceId ?? '';
  const resized = scheduler.resize(instanceId, 512);
  await resizing.arrival();
  invoking.open();
  await settled();
  t.match(await scheduler.instance(instanceId), { state: 'busy' });
  resizing.open();
  await running;
  t.match(await resized, { limitMib: 512 });
  await settled();
  t.match(await scheduler.instance(instanceId), { state: 'hot', limitMib: 512 });
  t.match(await scheduler.host(), { memory: { chargedMib: budgetFor(512), reservedMib: 0 } });
  t.same(pool.breaches, []);
});

t.test('of resizes that wait for another only the newest is made', async (t) => {
  const { pool, scheduler } = schedulerOver();
  const { instanceId } = (await scheduler.invoke(requestFor(f, 128))).receipt;
  const gate = new Gate();
  pool.behaviour.resize = async () => {
    await gate.wait();
    return undefined;
  };
  const first = scheduler.resize(instanceId, 256);
  await gate.arrival();
  const superseded = t.rejects(scheduler.resize(instanceId, 300), { code: 'RESIZE_SUPERSEDED' });
  const newest = scheduler.resize(instanceId, 400);
  await superseded;
  gate.open();
  t.match(await first, { fromMib: 128, limitMib: 256 });
  t.match(await newest, { fromMib: 256, limitMib: 400 });
  t.same(pool.breaches, []);
});

t.test('an instance that is evicted in use fails its invocation', async (t) => {
  const { pool, scheduler } = schedulerOver({ budgetMib: budgetFor(128) });
  const gate = holdInvocations(pool);
  const running = scheduler.invoke(requestFor(f, 128));
  await gate.arrival();
  const instanceId = pool.booted[0]?.instanceId ?? '';
  const evicted = scheduler.evict(instanceId);
  await t.rejects(running, { code: 'INSTANCE_LOST' });
  await evicted;
  await settled();
  t.match(await scheduler.host(), { memory: { chargedMib: 0, reservedMib: 0 } });
});

t.test('an eviction that fails is not called one', async (t) => {
  const { pool, scheduler } = schedulerOver();
  const { instanceId } = (await scheduler.invoke(requestFor(f, 128))).receipt;
  pool.behaviour.destroy = async () => {
    throw new Error('it will not die');
  };
  await t.rejects(scheduler.evict(instanceId), {
    code: 'INTERNAL',
    message: new RegExp(instanceId),
  });
  t.match(await scheduler.instance(instanceId), { state: 'evicting' });
});

t.test('an update retires the instances of before, those in use when they are done', async (t) => {
  const { pool, scheduler } = schedulerOver({ budgetMib: budgetFor(128, 128) });
  await scheduler.invoke(requestFor(f, 128));
  const gate = holdInvocations(pool);
  const running = [1, 2].map(() => scheduler.invoke(requestFor(f, 128)));
  const waiting = scheduler.invoke(requestFor(f, 128));
  await settled();
  t.match(await scheduler.host(), { queued: 1, instances: { busy: 2 } });
  const updated = functionRecord('f', { revisionId: 'second' });
  scheduler.retire('f', updated.revisionId);
  gate.open();
  for (const result of await Promise.all([...running, waiting])) t.equal(result.failure, null);
  await settled();
  t.same(pool.all(), [], 'not even what was booted for those that waited is left');
  const next = await scheduler.invoke(requestFor(updated, 128));
  t.equal(next.receipt.start, 'boot');
  scheduler.retire('f', updated.revisionId);
  t.equal((await scheduler.invoke(requestFor(updated, 128))).receipt.start, 'warm');
  t.same(pool.breaches, []);
});
