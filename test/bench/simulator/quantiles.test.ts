import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { Quantiles } from '../../../bench/simulator/quantiles.js';

const knots = [
  { share: 0, value: 1 },
  { share: 0.5, value: 100 },
  { share: 1, value: 10_000 },
];

t.test('between two percentiles values lie evenly, or their logarithms do', async (t) => {
  const even = new Quantiles(knots, 'even');
  t.same(
    [0, 0.25, 0.5, 0.75, 1].map((share) => even.at(share)),
    [1, 50.5, 100, 5050, 10_000],
  );
  const logarithmic = new Quantiles(knots, 'logarithmic');
  t.ok(Math.abs(logarithmic.at(0.25) - 10) < 1e-9);
  t.ok(Math.abs(logarithmic.at(0.75) - 1000) < 1e-9);
  t.equal(logarithmic.largest, 10_000);
});

t.test('a larger share never has a smaller value', async (t) => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(share, share, fc.constantFrom('even', 'logarithmic'), (one, other, between) => {
      const quantiles = new Quantiles(knots, between);
      const [low, high] = [Math.min(one, other), Math.max(one, other)];
      assert.ok(quantiles.at(low) <= quantiles.at(high) * (1 + 1e-12));
    }),
  );
  t.pass();
});
