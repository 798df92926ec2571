import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import t from 'tap';
import { Semaphore } from '../../../src/pool/semaphore.js';

t.test('never more tasks than permits run, all of them run, in the order asked', async (t) => {
  const counts = fc.array(fc.nat({ max: 3 }), { maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 4 }), counts, async (permits, turns) => {
      const semaphore = new Semaphore(permits);
      const started: number[] = [];
      let running = 0;
      let most = 0;
      const task = (index: number, count: number) => async () => {
        started.push(index);
        running += 1;
        most = Math.max(most, running);
        for (let left = count; left > 0; left -= 1) await turn();
        running -= 1;
        if (count === 3) throw new Error('a task may fail');
        return index;
      };
      const results = await Promise.allSettled(
        turns.map((count, index) => semaphore.run(task(index, count))),
      );
      t.same(started, [...turns.keys()]);
      t.ok(most <= permits, `${most} ran at a time`);
      t.same(
        results.map(({ status }) => status),
        turns.map((count) => (count === 3 ? 'rejected' : 'fulfilled')),
      );
    }),
    { numRuns: 30 },
  );
});

t.test('a task that throws before it returns a promise gives its permit back', async (t) => {
  const semaphore = new Semaphore(1);
  const failing = semaphore.run(() => {
    throw new Error('at once');
  });
  await t.rejects(failing, { message: 'at once' });
  t.equal(await semaphore.run(async () => 'next'), 'next');
});
