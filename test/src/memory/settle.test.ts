import t from 'tap';
import { settle } from '../../../src/memory/settle.js';

t.test('a size is looked at until it is there', async (t) => {
  const seen = [300, 200, 128];
  let looks = 0;
  const look = async () => seen[looks++] ?? -1;
  const outcome = await settle({ look, askAgain: async () => {} }, 128, 10_000);
  t.same(outcome, { pluggedMib: 128, settled: true });
  t.equal(looks, 3);
});

t.test('without time it is looked at once', async (t) => {
  let looks = 0;
  const look = async () => {
    looks += 1;
    return 300;
  };
  const askAgain = async () => {
    throw new Error('there is no time to ask');
  };
  t.same(await settle({ look, askAgain }, 128, 0), { pluggedMib: 300, settled: false });
  t.equal(looks, 1);
});
