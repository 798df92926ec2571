import fc from 'fast-check';
import t from 'tap';
import { nothingYet, sumAt, withMore } from '../../../src/scheduler/decayingSum.js';

t.test('after its half life a half is left', async (t) => {
  const sum = withMore(nothingYet, 8, 1_000, 500);
  t.equal(sumAt(sum, 1_000, 500), 8);
  t.equal(sumAt(sum, 1_500, 500), 4);
  t.equal(sumAt(withMore(sum, 1, 1_500, 500), 2_000, 500), 2.5);
});

t.test('time that runs backwards stands still', async (t) => {
  const sum = withMore(nothingYet, 8, 1_000, 500);
  t.equal(sumAt(sum, 0, 500), 8);
  t.equal(sumAt(withMore(sum, 1, 0, 500), 1_500, 500), 4.5);
});

t.test('it never exceeds what was added', async (t) => {
  const additions = fc.array(fc.record({ more: fc.nat(100), afterMs: fc.nat(5_000) }));
  fc.assert(
    fc.property(additions, (list) => {
      let nowMs = 0;
      let total = 0;
      let sum = nothingYet;
      for (const { more, afterMs } of list) {
        nowMs += afterMs;
        total += more;
        sum = withMore(sum, more, nowMs, 1_000);
      }
      const left = sumAt(sum, nowMs + 100, 1_000);
      return left >= 0 && left <= total;
    }),
  );
  t.pass();
});
