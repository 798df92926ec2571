import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { type ArrivalRate, noArrivals, withArrival } from '../../../src/scheduler/arrivalRate.js';
import { shellTarget } from '../../../src/scheduler/shellTarget.js';

const rules = { refillMs: 1_000, minShells: 1, maxShells: 16, missShare: 0.01 };

/** One arrival after the other, from 0 on. */
function every(ms: number, count: number): { rate: ArrivalRate; nowMs: number } {
  let rate = noArrivals;
  for (let n = 0; n < count; n += 1) rate = withArrival(rate, n * ms);
  return { rate, nowMs: (count - 1) * ms };
}

t.test('where nothing arrives the least are ready', async (t) => {
  t.equal(shellTarget(noArrivals, 0, rules), 1);
  t.equal(shellTarget(noArrivals, 0, { ...rules, minShells: 0 }), 0);
});

t.test('more are ready the more arrive, and the longer it takes to refill', async (t) => {
  const { rate, nowMs } = every(1_000, 1_000);
  // One is taken on average while it is replaced: 4 times in a thousand more than 4 are.
  t.equal(shellTarget(rate, nowMs, rules), 4);
  t.equal(shellTarget(rate, nowMs, { ...rules, refillMs: 4_000 }), 9);
  t.equal(shellTarget(rate, nowMs, { ...rules, maxShells: 3 }), 3);
});

t.test('when the burst is over, they are not needed any more', async (t) => {
  const { rate, nowMs } = every(100, 600);
  const during = shellTarget(rate, nowMs, rules);
  t.ok(during > 8, `${during} during the burst`);
  t.ok(shellTarget(rate, nowMs + 600_000, rules) < during);
  t.equal(shellTarget(rate, nowMs + 6 * 3_600_000, { ...rules, minShells: 0 }), 0);
});

t.test('the target is within its bounds, and no more for fewer arrivals', async (t) => {
  const bounds = fc.record({ minShells: fc.nat(4), moreShells: fc.nat(40) });
  fc.assert(
    fc.property(
      bounds,
      fc.array(fc.integer({ min: 1, max: 5_000 }), { maxLength: 300 }),
      fc.integer({ min: 1, max: 60_000 }),
      ({ minShells, moreShells }, gapsMs, refillMs) => {
        const asked = { minShells, maxShells: minShells + moreShells, refillMs, missShare: 0.01 };
        let [rate, nowMs, last] = [noArrivals, 0, minShells];
        for (const gapMs of gapsMs) {
          nowMs += gapMs;
          const before = shellTarget(rate, nowMs, asked);
          rate = withArrival(rate, nowMs);
          last = shellTarget(rate, nowMs, asked);
          assert.ok(before <= last && last >= minShells && last <= asked.maxShells);
        }
        const least = shellTarget(rate, nowMs, { ...asked, refillMs: refillMs / 2 });
        assert.ok(least <= last, 'who refills faster needs fewer');
      },
    ),
  );
  t.pass();
});
