import { setImmediate as nextTurn } from 'node:timers/promises';
import { pino } from 'pino';
import t from 'tap';
import { Forerunner } from '../../../src/scheduler/forerunner.js';
import { Placer } from '../../../src/scheduler/placer.js';
import { functionRecord } from '../../support/functionRecord.js';
import { budgetFor, fleetOver, requestFor, type Setting } from './harness.js';

const minuteMs = 60_000;
const f = functionRecord('f');
const g = functionRecord('g');

/** A function that was called every hour, the last time at 0. */
function hourly(setting: Setting = {}, maxBoots = 100) {
  const setup = fleetOver({ rules: { minHotMs: 30_000 }, ...setting });
  const { fleet, keeper, concurrency, runner, pool } = setup;
  const placer = new Placer(fleet, pool, maxBoots);
  const logger = pino({ level: 'silent' });
  const forerunner = new Forerunner({ fleet, keeper, concurrency, placer, runner, logger });
  for (let hour = -8; hour <= 0; hour += 1) {
    keeper.demand.called('f:$LATEST', hour * 60 * minuteMs);
    keeper.demand.ended('f:$LATEST', hour * 60 * minuteMs);
  }
  forerunner.called(requestFor(f, 256));
  const tend = (minutes: number, isAnybodyWaiting = false) =>
    Promise.all(forerunner.tend(minutes * minuteMs, isAnybodyWaiting));
  return { fleet, pool, forerunner, tend };
}

t.test('an instance is there before the call that is foreseen, as the last one was', async (t) => {
  const { pool, fleet, tend } = hourly();
  await tend(30);
  t.equal(pool.booted.length, 0);
  await tend(55);
  t.match(pool.booted, [{ fn: f, starts: 1, state: 'hot', size: { limitMib: 256 } }]);
  t.match(fleet.counts(), { hot: 1, starting: 0, busy: 0 });
  await tend(56);
  t.equal(pool.booted.length, 1, 'once');
});

t.test('not while anybody waits, nor where another would have to go', async (t) => {
  const { pool, fleet, tend } = hourly({ budgetMib: budgetFor(256) });
  await tend(55, true);
  t.equal(pool.booted.length, 0);
  const instanceId = fleet.admit(g, 128);
  await fleet.release(await fleet.boot(instanceId, g, 128));
  await tend(55);
  t.equal(pool.booted.length, 1);
  t.match(fleet.counts(), { hot: 1 }, 'the one of another function stays');
  await fleet.evict(instanceId);
  await tend(56);
  t.match(pool.all(), [{ fn: f }], 'when there is room it is started');
});

t.test('not while as many boot as may', async (t) => {
  const { pool, tend } = hourly({}, 0);
  await tend(55);
  t.equal(pool.booted.length, 0);
});

t.test('nothing of a revision of the past, nor of a function that is no more', async (t) => {
  const { pool, forerunner, tend } = hourly();
  forerunner.retire({ functionName: 'f', version: null, keepRevisionId: 'second' });
  await tend(55);
  t.equal(pool.booted.length, 0);
  forerunner.called(requestFor(functionRecord('f', { revisionId: 'second' }), 128));
  forerunner.retire({ functionName: 'f', version: null, keepRevisionId: 'second' });
  await tend(56);
  t.match(pool.booted, [{ fn: { revisionId: 'second' }, size: { limitMib: 128 } }]);
});

t.test('one that cannot be started costs nothing and is no failure', async (t) => {
  const { pool, fleet, tend } = hourly();
  pool.behaviour.boot = async () => {
    throw new Error('no VM today');
  };
  await tend(55);
  t.match(fleet.ledger, { chargedMib: 0, reservedMib: 0 });
  pool.behaviour.boot = async () => {};
  pool.behaviour.start = async () => {
    throw new Error('no runtime today');
  };
  const other = hourly();
  other.pool.behaviour.start = pool.behaviour.start;
  await other.tend(55);
  for (let turn = 0; turn < 5; turn += 1) await nextTurn();
  t.same(other.pool.all(), []);
  t.match(other.fleet.ledger, { chargedMib: 0, reservedMib: 0 });
});
