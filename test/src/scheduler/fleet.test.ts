import { setImmediate as nextTurn } from 'node:timers/promises';
import t from 'tap';
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
  t.same(setup.fleet.idle(), []);
  setup.fleet.release(instance);
  t.match(setup.fleet.idle(), [
    { instanceId: instance.instanceId, functionName: 'f', chargedMib: chargeOf(256) },
  ]);
  t.equal(setup.freed(), 1);
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

t.test('what a shrink freed is there at once', async (t) => {
  const setup = fleetOver();
  const instance = await booted(setup, 512);
  await instance.resize(128);
  setup.fleet.resized(instance);
  t.equal(setup.fleet.ledger.chargedMib, chargeOf(128));
  t.equal(setup.freed(), 1);
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
  t.equal(fleet.evictingMib(), chargeOf(128));
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
  fleet.doomOthers('f', 'second');
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
  setup.fleet.doomOthers('g', null);
  setup.fleet.doomOthers('f', fn.revisionId);
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
  fleet.sweep(600_000);
  await settled();
  t.match(fleet.counts(), { evicting: 0 });
  t.equal(fleet.ledger.chargedMib, 0);
});

t.test('a sweep ends who was idle for too long, and nobody else', async (t) => {
  const setup = fleetOver();
  const { fleet } = setup;
  const idle = await booted(setup, 128);
  const busy = await booted(setup, 128);
  fleet.release(idle);
  fleet.sweep(600_000);
  t.equal(idle.state, 'hot');
  fleet.sweep(-1);
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
