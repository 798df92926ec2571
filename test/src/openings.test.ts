import t from 'tap';
import { Openings } from '../../src/openings.js';
import { Gate } from '../support/gate.js';

t.test('what was opened last is closed first, each before the next, and once', async (t) => {
  const openings = new Openings();
  const log: string[] = [];
  const gate = new Gate();
  openings.add(() => log.push('first'));
  openings.add(async () => {
    log.push('second begins');
    await gate.wait();
    log.push('second ends');
  });
  const closing = openings.close();
  await gate.arrival();
  t.same(log, ['second begins']);
  gate.open();
  await closing;
  t.same(log, ['second begins', 'second ends', 'first']);
  await openings.close();
  t.equal(log.length, 3);
});

t.test('one that fails keeps none from closing; the first failure is thrown', async (t) => {
  const openings = new Openings();
  const log: string[] = [];
  openings.add(() => log.push('closed'));
  openings.add(() => Promise.reject(new Error('later')));
  openings.add(() => {
    throw new Error('sooner');
  });
  await t.rejects(openings.close(), { message: 'sooner' });
  t.same(log, ['closed']);
});

t.test('a failure of no value is one too', async (t) => {
  const openings = new Openings();
  openings.add(() => Promise.reject(undefined));
  const outcome = await openings.close().then(
    () => 'closed',
    () => 'failed',
  );
  t.equal(outcome, 'failed');
});
