import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import t from 'tap';
import { BallastError } from '../../../src/model/errors.js';
import type { FakeInstance } from '../../support/fakeInstance.js';
import { functionRecord } from '../../support/functionRecord.js';
import { Gate } from '../../support/gate.js';
import { budgetFor, chargeOf, fleetOver } from './harness.js';

const fn = functionRecord('f');

type Setup = ReturnType<typeof fleetOver>;

/** An instance in use. */
async function booted({ fleet, pool }: Setup, sizeMib: number): Promise<FakeInstance> {
  const instanceId = fleet.admit(fn, sizeMib);
  await fleet.boot(instanceId, fn, sizeMib);
  const instance = pool.get(instanceId);
  if (instance === undefined) throw new Error('the fleet boots what the pool does not know');
  return instance;
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await nextTurn();
}

t.test('a boot is paid for before it begins, and charged when it is done', async (t) => {
  const setup = fleetOver({ budgetMib: budgetFor(256) });
  const { fleet, pool } = setup;
  const instanceId = fleet.admit(fn, 256);
  t.match(fleet.ledger, { chargedMib: 0, reservedMib: chargeOf(256), freeMib: 0 });
  t.match(fleet.counts(), { starting: 1, busy: 0 });
  t.throws(() => fleet.admit(fn, 128), { message: /no room for 128 MiB/ });
  await fleet.boot(instanceId, fn, 256);
  t.match(fleet.ledger, { chargedMib: chargeOf(256), reservedMib: 0 });
  t.match(fleet.counts(), { starting: 0, busy: 1 });
  t.equal(pool.get(instanceId)?.state, 'busy');
});

t.test('a boot that failed is paid back', async (t) => {
  const { fleet, pool, freed } = fleetOver();
  pool.behaviour.boot = async () => {
    throw new Error('no VM today');
  };
  await t.rejects(fleet.boot(fleet.admit(fn, 256), fn, 256), { message: 'no VM today' });
  t.match(fleet.ledger, { chargedMib: 0, reservedMib: 0 });
  t.match(fleet.counts(), { starting: 0 });
  t.equal(freed(), 1, 'whoever waits hears of it');
});

t.test('an idle instance is offered at what it is charged, one in use is not', async (t) => {
  const setup = fleetOver();
  const instance = await booted(setup, 256);
  const { idle } = setup.fleet.roster;
  t.same([...idle.inEvictionOrder()], []);
  setup.fleet.release(instance);
  t.match(
    [...idle.inEvictionOrder()],
    [{ instanceId: instance.instanceId, functionName: 'f', chargedMib: chargeOf(256) }],
  );
  t.equal(setup.freed(), 2, 'by the end of its boot, and of its use');
});

t.test('it is occupied only with room to grow to the size', async (t) => {
  const setup = fleetOver({ budgetMib: budgetFor(256) + 100 });
  const { fleet } = setup;
  const instance = await booted(setup, 256);
  fleet.release(instance);
  t.notOk(fleet.occupy(instance, 512));
  t.equal(instance.state, 'hot', 'it stays idle then');
  t.match(fleet.ledger, { reservedMib: 0 });
  t.ok(fleet.occupy(instance, 356));
  t.match(fleet.ledger, { reservedMib: 100, freeMib: 0 });
  t.throws(() => fleet.occupy(instance, 128), { code: 'INSTANCE_BUSY' });
  t.throws(
    () => fleet.occupy(instance, 1024),
    { code: 'INSTANCE_BUSY' },
    'busy comes before too large',
  );
});

t.test('what a shrink freed is there when the host is seen to have it', async (t) => {
  const setup = fleetOver();
  const { fleet } = setup;
  const instance = await booted(setup, 512);
  await instance.resize(128);
  const before = setup.freed();
  fleet.resized(instance);
  t.equal(fleet.ledger.chargedMib, chargeOf(512));
  t.equal(fleet.comingMib(), chargeOf(512) - chargeOf(128), 'nobody is evicted for it meanwhile');
  await settled();
  t.equal(fleet.ledger.chargedMib, chargeOf(128));
  t.equal(fleet.comingMib(), 0);
  t.equal(setup.freed(), before + 2);
});

t.test('what the host does not get back stays charged, until a sweep sees it', async (t) => {
  const setup = fleetOver();
  const { fleet } = setup;
  const instance = await booted(setup, 512);
  instance.keptMib = 100_000;
  await instance.resize(128);
  await fleet.release(instance);
  t.equal(fleet.ledger.chargedMib, chargeOf(512));
  t.ok(fleet.occupy(instance, 512), 'it grows back into what it is charged');
  t.equal(fleet.ledger.reservedMib, 0);
  fleet.sweep(false);
  instance.keptMib = 1;
  await settled();
  t.equal(fleet.ledger.chargedMib, chargeOf(512), 'nothing is credited while it may be growing');
  await fleet.release(instance);
  t.equal(fleet.ledger.chargedMib, chargeOf(128));
});

t.test('a guest that keeps too much is asked again when its use ends', async (t) => {
  const setup = fleetOver();
  const { fleet, pool } = setup;
  const instance = await booted(setup, 512);
  pool.behaviour.resize = async () => 300;
  await instance.resize(128);
  await fleet.release(instance);
  t.equal(fleet.ledger.chargedMib, chargeOf(300));
  await fleet.converge(instance);
  t.match(instance, { state: 'hot', size: { pluggedMib: 300, limitMib: 128 } });
  pool.behaviour.resize = async () => undefined;
  fleet.sweep(false);
  await settled();
  await settled();
  t.match(instance, { state: 'hot', size: { pluggedMib: 128, limitMib: 128 } });
  t.equal(fleet.ledger.chargedMib, chargeOf(128));
});

t.test('the doomed go at once when idle, else when their use ends', async (t) => {
  const setup = fleetOver();
  const { fleet, pool } = setup;
  const idle = await booted(setup, 128);
  fleet.release(idle);
  const busy = await booted(setup, 256);
  fleet.doom(idle.instanceId);
  fleet.doom(busy.instanceId);
  t.equal(idle.state, 'evicting');
  t.equal(fleet.comingMib(), chargeOf(128));
  t.equal(busy.state, 'busy');
  await settled();
  t.same(pool.all(), [busy]);
  fleet.release(busy);
  await settled();
  t.same(pool.all(), []);
  t.match(fleet.ledger, { chargedMib: 0, reservedMib: 0 });
});

t.test('one that is doomed while it boots goes after its first use', async (t) => {
  const { fleet, pool } = fleetOver();
  const gate = new Gate();
  pool.behaviour.boot = () => gate.wait();
  const booting = fleet.boot(fleet.admit(fn, 128), fn, 128);
  await gate.arrival();
  fleet.doomRetired({ functionName: 'f', version: null, keepRevisionId: 'second' });
  gate.open();
  const instance = await booting;
  t.equal(instance.state, 'busy');
  fleet.release(instance);
  await settled();
  t.same(pool.all(), []);
});

t.test('other functions and the revision to keep are spared', async (t) => {
  const setup = fleetOver();
  const instance = await booted(setup, 128);
  setup.fleet.release(instance);
  setup.fleet.doomRetired({ functionName: 'g', version: null, keepRevisionId: null });
  const { revisionId: keepRevisionId } = fn;
  setup.fleet.doomRetired({ functionName: 'f', version: null, keepRevisionId });
  setup.fleet.doomRetired({ functionName: 'f', version: '1', keepRevisionId: null });
  t.equal(instance.state, 'hot');
});

t.test('a VM that cannot be ended stays charged until a sweep ends it', async (t) => {
  const setup = fleetOver();
  const { fleet, pool } = setup;
  const instance = await booted(setup, 128);
  fleet.release(instance);
  pool.behaviour.destroy = async () => {
    throw new Error('it will not die');
  };
  t.equal(await fleet.evict(instance.instanceId), false);
  t.match(fleet.counts(), { evicting: 1 });
  t.equal(fleet.ledger.chargedMib, chargeOf(128));
  pool.behaviour.destroy = async () => {};
  fleet.sweep(false);
  await settled();
  t.match(fleet.counts(), { evicting: 0 });
  t.equal(fleet.ledger.chargedMib, 0);
});

t.test('a sweep ends who was idle for too long, and nobody else', async (t) => {
  const setup = fleetOver({ policy: { kind: 'fixed', keepMs: 50 } });
  const { fleet } = setup;
  const idle = await booted(setup, 128);
  const busy = await booted(setup, 128);
  fleet.release(idle);
  fleet.sweep(false);
  t.equal(idle.state, 'hot');
  await delay(60);
  fleet.sweep(false);
  t.equal(idle.state, 'evicting');
  t.equal(busy.state, 'busy');
});

t.test('evicting twice is evicting once', async (t) => {
  const setup = fleetOver();
  const instance = await booted(setup, 128);
  setup.fleet.release(instance);
  const { instanceId } = instance;
  t.same(await Promise.all([setup.fleet.evict(instanceId), setup.fleet.evict(instanceId)]), [
    true,
    true,
  ]);
  t.equal(setup.fleet.ledger.chargedMib, 0);
  t.throws(() => setup.fleet.find(instanceId), { code: 'INSTANCE_NOT_FOUND' });
});

/** An idle instance of 512 MiB that held so much when it was last used. */
async function idleAfter(setup: Setup, heldMib: number): Promise<FakeInstance> {
  const instance = await booted(setup, 512);
  await instance.startRuntime(512);
  setup.fleet.observe(instance.instanceId, heldMib);
  setup.fleet.release(instance);
  return instance;
}

t.test('deflating is promised what lies above what was held', async (t) => {
  const setup = fleetOver();
  const unseen = await booted(setup, 128);
  setup.fleet.release(unseen);
  await idleAfter(setup, 100);
  const { idle } = setup.fleet.roster;
  t.equal(idle.deflatableMib, chargeOf(512) - chargeOf(100));
  const unknown = idle.get(unseen.instanceId)?.deflatableMib;
  t.equal(unknown, 0, 'of one that has served nothing, nothing is known');
});

t.test(
  'a deflated instance is charged what it has left, and is idle as long as before',
  async (t) => {
    const setup = fleetOver();
    const { fleet, pool } = setup;
    const instance = await idleAfter(setup, 100);
    const { idleSinceMs } = instance;
    pool.behaviour.deflate = async () => {
      t.equal(fleet.comingMib(), chargeOf(512) - chargeOf(100));
      t.equal(instance.state, 'busy');
      return 30;
    };
    await fleet.deflate(instance.instanceId);
    t.match(fleet.counts(), { hot: 0, deflated: 1 });
    t.equal(instance.idleSinceMs, idleSinceMs);
    t.equal(fleet.comingMib(), 0);
    t.match(fleet.ledger, { chargedMib: chargeOf(30), reservedMib: 0 });
    const idle = fleet.roster.idle.get(instance.instanceId);
    t.match(idle, { deflatableMib: 0, idleSinceMs: Number });
    t.ok(Math.abs((idle?.idleSinceMs ?? 0) - idleSinceMs) < 5);
  },
);

t.test('a sweep deflates what nobody is likely to call, where that is worth it', async (t) => {
  const setup = fleetOver({ rules: { minHotMs: 50 } });
  const { fleet } = setup;
  const idle = await idleAfter(setup, 100);
  const full = await idleAfter(setup, 500);
  fleet.sweep(false);
  t.equal(idle.state, 'hot');
  await delay(60);
  fleet.sweep(false);
  await settled();
  t.equal(idle.state, 'deflated');
  t.equal(full.state, 'hot', 'it used nearly all that it has');
});

t.test('a host that is short of memory does not wait for the next call', async (t) => {
  const setup = fleetOver();
  const idle = await idleAfter(setup, 100);
  setup.fleet.sweep(true);
  await settled();
  t.equal(idle.state, 'deflated');
});

t.test('one that holds all it has stays, and is not tried again', async (t) => {
  const setup = fleetOver();
  const instance = await idleAfter(setup, 100);
  setup.pool.behaviour.deflate = async () => 600;
  await setup.fleet.deflate(instance.instanceId);
  t.equal(instance.state, 'deflated');
  const idle = setup.fleet.roster.idle.get(instance.instanceId);
  t.match(idle, { chargedMib: chargeOf(512), deflatableMib: 0 });
});

t.test('one that breaks over it is evicted', async (t) => {
  const setup = fleetOver();
  const instance = await idleAfter(setup, 100);
  setup.pool.behaviour.deflate = async () => {
    throw new BallastError('GUEST_TIMEOUT', 'no answer');
  };
  await setup.fleet.deflate(instance.instanceId);
  await settled();
  t.same(setup.pool.all(), []);
  t.match(setup.fleet.ledger, { chargedMib: 0, reservedMib: 0 });
});
