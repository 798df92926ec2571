/** Versions of one function: each has instances of its own. */
import t from 'tap';
import { functionRecord } from '../../support/functionRecord.js';
import { requestFor, schedulerOver } from './harness.js';

const latest = functionRecord('f');
const one = functionRecord('f', { version: '1', revisionId: 'of version 1' });
const two = functionRecord('f', { version: '2', revisionId: 'of version 2' });

async function served(setting = {}) {
  const setup = schedulerOver(setting);
  for (const fn of [latest, one, two]) await setup.scheduler.invoke(requestFor(fn, 128));
  return setup;
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

t.test('no instance serves two versions', async (t) => {
  const { pool, scheduler } = await served();
  t.same(
    (await scheduler.instances()).map(({ version }) => version),
    ['$LATEST', '1', '2'],
  );
  for (const fn of [latest, one, two, two, one]) {
    const { receipt } = await scheduler.invoke(requestFor(fn, 128));
    const { version } = await scheduler.instance(receipt.instanceId);
    t.match({ start: receipt.start, version }, { start: 'warm', version: fn.version });
  }
  t.same(pool.breaches, []);
});

t.test('an update ends the instances of $LATEST, and of no published version', async (t) => {
  const { scheduler } = await served();
  scheduler.retire('f', 'updated', '$LATEST');
  await settled();
  t.same(
    (await scheduler.instances()).map(({ version }) => version),
    ['1', '2'],
  );
});

t.test('a version that is deleted takes its own instances along, and no needs', async (t) => {
  const { scheduler } = await served();
  scheduler.retire('f', null, '1');
  await settled();
  t.same(
    (await scheduler.instances()).map(({ version }) => version),
    ['$LATEST', '2'],
  );
  t.equal(scheduler.sizing('f').samples, 3);
});

t.test('a function that is deleted takes all along', async (t) => {
  const { scheduler } = await served();
  scheduler.retire('f', null);
  await settled();
  t.same(await scheduler.instances(), []);
  t.equal(scheduler.sizing('f').samples, 0);
});

t.test('an update does not retire an invocation of a version that runs', async (t) => {
  const { pool, scheduler } = schedulerOver();
  const { invoke } = pool.behaviour;
  pool.behaviour.invoke = async (...given) => {
    scheduler.retire('f', 'updated', '$LATEST');
    return invoke(...given);
  };
  const { receipt } = await scheduler.invoke(requestFor(one, 128));
  await settled();
  t.match(await scheduler.instance(receipt.instanceId), { state: 'hot' });
  t.equal(scheduler.sizing('f').samples, 1, 'it counts, since it is no thing of the past');
});
