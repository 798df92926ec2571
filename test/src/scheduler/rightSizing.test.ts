/** The scheduler, as far as it is about sizes that nobody asked for. */
import t from 'tap';
import type { Needs } from '../../../src/model/needs.js';
import { ending } from '../../support/fakeInstance.js';
import { functionRecord } from '../../support/functionRecord.js';
import { budgetFor, requestFor, schedulerOver } from './harness.js';

const f = functionRecord('f');
const g = functionRecord('g');
const idempotent = functionRecord('i', { environment: { BALLAST_IDEMPOTENT: 'true' } });
const killed = () => ending({ kind: 'out-of-memory' });

t.test('what was killed for memory is run once more, at twice the size', async (t) => {
  const { pool, scheduler } = schedulerOver();
  pool.behaviour.invoke = async (_, { requestedMib }) => (requestedMib < 256 ? killed() : ending());
  const { failure, receipt } = await scheduler.invoke(requestFor(idempotent, 128));
  t.equal(failure, null);
  t.match(receipt, { requestedMib: 256, limitMib: 256, killedAtMib: 128 });
  const other = await scheduler.invoke(requestFor(f, 128));
  t.match(other, { failure: { kind: 'out-of-memory' }, receipt: { killedAtMib: null } });
  t.same(pool.breaches, []);
});

t.test('once, and no more', async (t) => {
  const { pool, scheduler } = schedulerOver();
  const sizes: number[] = [];
  pool.behaviour.invoke = async (_, { requestedMib }) => {
    sizes.push(requestedMib);
    return killed();
  };
  const { failure, receipt } = await scheduler.invoke(requestFor(idempotent, 128));
  t.match(failure, { kind: 'out-of-memory' });
  t.match(receipt, { requestedMib: 256, killedAtMib: 128 });
  t.same(sizes, [128, 256]);
});

t.test('where there is no room to run it again, that it was killed is the answer', async (t) => {
  const setting = { budgetMib: budgetFor(128), maxWaitMs: 20 };
  const { pool, scheduler } = schedulerOver(setting);
  pool.behaviour.invoke = async () => killed();
  const { failure, receipt } = await scheduler.invoke(requestFor(idempotent, 128));
  t.match(failure, { kind: 'out-of-memory' });
  t.match(receipt, { requestedMib: 128, killedAtMib: null });
});

t.test('what invocations needed is noted, except where it says nothing', async (t) => {
  const saved = new Map<string, Needs>();
  const needs = {
    load: () => new Map(),
    save: (changed: ReadonlyMap<string, Needs>) => {
      for (const [name, needs] of changed) saved.set(name, needs);
    },
  };
  const { pool, scheduler } = schedulerOver({ needs });
  for (let turn = 0; turn < 10; turn += 1) await scheduler.invoke(requestFor(f, 256));
  t.match(scheduler.sizing('f'), { samples: 10, recommendedMib: 128 });
  pool.behaviour.invoke = async () => ending({ kind: 'timeout' });
  await scheduler.invoke(requestFor(f, 256));
  t.equal(scheduler.sizing('f').samples, 10, 'an invocation that failed would have needed more');
  pool.behaviour.invoke = async () => killed();
  await scheduler.invoke(requestFor(f, 256));
  t.ok((scheduler.sizing('f').recommendedMib ?? 0) >= 512, 'one that was killed needed more');
  pool.behaviour.invoke = async () => {
    scheduler.retire('f', null);
    return ending();
  };
  await scheduler.invoke(requestFor(f, 256));
  t.equal(scheduler.sizing('f').samples, 0, 'a function that has gone needs nothing');
  pool.behaviour.invoke = async () => ending();
  await scheduler.invoke(requestFor(g, 256));
  await scheduler.close(0);
  t.same([...saved.keys()], ['g'], 'what the service still holds is written at its end');
});
