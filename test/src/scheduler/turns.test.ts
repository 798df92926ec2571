import fc from 'fast-check';
import t from 'tap';
import { Turns } from '../../../src/scheduler/turns.js';
import { Gate } from '../../support/gate.js';

t.test('one at a time for a key, others beside it', async (t) => {
  const turns = new Turns();
  const gate = new Gate();
  const first = turns.run('a', () => gate.wait());
  await gate.arrival();
  const log: string[] = [];
  const second = turns.run('a', async () => log.push('second'));
  await turns.run('b', async () => log.push('other'));
  t.same(log, ['other']);
  gate.open();
  await Promise.all([first, second]);
  t.same(log, ['other', 'second']);
  await turns.run('a', async () => log.push('third'));
  t.equal(log.length, 3, 'the key is free again');
});

t.test('of those that wait only the newest gets its turn', async (t) => {
  const turns = new Turns();
  const gate = new Gate();
  const first = turns.run('a', () => gate.wait());
  await gate.arrival();
  const superseded = t.rejects(
    turns.run('a', async () => t.fail('it was superseded')),
    { code: 'RESIZE_SUPERSEDED', message: /newer resize of a/ },
  );
  const newest = turns.run('a', async () => 'newest');
  await superseded;
  gate.open();
  await first;
  t.equal(await newest, 'newest');
});

t.test('a task that fails passes its turn on', async (t) => {
  const turns = new Turns();
  const failing = turns.run('a', async () => {
    throw new Error('no');
  });
  const next = turns.run('a', async () => 'next');
  await t.rejects(failing, { message: 'no' });
  t.equal(await next, 'next');
});

t.test('whatever the schedule, tasks of a key never overlap and the last one runs', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(fc.constantFrom('a', 'b'), { minLength: 1, maxLength: 12 }),
      async (scheduler, keys) => {
        const turns = new Turns();
        const running = new Set<string>();
        const done: number[] = [];
        let overlaps = 0;
        const tasks = keys.map((key, n) =>
          turns
            .run(key, async () => {
              if (running.has(key)) overlaps += 1;
              running.add(key);
              await scheduler.schedule(Promise.resolve());
              running.delete(key);
              done.push(n);
            })
            .catch(() => {}),
        );
        await scheduler.waitFor(Promise.all(tasks));
        const last = (['a', 'b'] as const)
          .map((key) => keys.lastIndexOf(key))
          .filter((n) => n >= 0);
        return overlaps === 0 && last.every((n) => done.includes(n));
      },
    ),
  );
  t.pass();
});
