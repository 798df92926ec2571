import t from 'tap';
import type { Elastic } from '../../../src/memory/elastic.js';
import { plugWholly, settleWholly } from '../../../src/memory/settleWholly.js';

const settling = (pluggedMib: number, settled: boolean): Elastic =>
  ({ settle: async () => ({ pluggedMib, settled }) }) as unknown as Elastic;

t.test('a guest that has what it was asked to have will do', async (t) => {
  t.equal(await settleWholly(settling(128, true), 128, 1000), 128);
});

t.test('one that stops short of it will not', async (t) => {
  await t.rejects(settleWholly(settling(96, false), 128, 1000), {
    message: 'The guest has 96 of 128 MiB plugged after 1000 ms.',
  });
});

t.test('a guest is asked before it is waited for', async (t) => {
  const asked: number[] = [];
  const elastic = { ...settling(128, true), request: async (mib: number) => void asked.push(mib) };
  t.equal(await plugWholly(elastic as Elastic, 128, 1000), 128);
  t.same(asked, [128]);
});
