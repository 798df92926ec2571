import t from 'tap';
import { BallastError } from '../../../src/model/errors.js';
import { ending } from '../../support/fakeInstance.js';
import { functionRecord } from '../../support/functionRecord.js';
import { requestFor, schedulerOver } from './harness.js';

const fn = functionRecord('f');

t.test('each invocation is told of, with what it came to', async (t) => {
  const { pool, scheduler, invoked } = schedulerOver({ budgetMib: 4000 });
  await scheduler.invoke(requestFor(fn, 128));
  pool.behaviour.invoke = async () => ending({ kind: 'timeout' });
  await scheduler.invoke(requestFor(fn, 128));
  pool.behaviour.invoke = async () => {
    throw new BallastError('GUEST_TIMEOUT', 'gone');
  };
  await t.rejects(scheduler.invoke(requestFor(fn, 128)), { code: 'GUEST_TIMEOUT' });
  pool.behaviour.invoke = async () => {
    throw new TypeError('a fault of the service');
  };
  await t.rejects(scheduler.invoke(requestFor(fn, 128)), TypeError);
  t.match(invoked, [
    { outcome: 'answered', start: 'boot', durationMs: 5 },
    { outcome: 'timeout', start: 'warm', durationMs: 5 },
    { outcome: 'GUEST_TIMEOUT', start: 'none', durationMs: null },
    { outcome: 'INTERNAL', start: 'none', durationMs: null },
  ]);
  t.equal(invoked.length, 4);
  await scheduler.close(0);
});
