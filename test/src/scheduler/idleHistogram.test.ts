import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { binMs, IdleHistogram } from '../../../src/scheduler/idleHistogram.js';

const histogramOf = (idleMs: readonly number[]): IdleHistogram => {
  const histogram = new IdleHistogram();
  for (const ms of idleMs) histogram.record(ms);
  return histogram;
};

const fourHoursMs = 4 * 60 * binMs;

t.test('an idle time is found in its minute', async (t) => {
  const histogram = histogramOf([0, 59_999, 60_000, 90_000, 600_000]);
  t.same(histogram.quantile(0.4), { fromMs: 0, toMs: 60_000 });
  t.same(histogram.quantile(0.8), { fromMs: 60_000, toMs: 120_000 });
  t.same(histogram.quantile(1), { fromMs: 600_000, toMs: 660_000 });
  t.equal(histogram.samples, 5);
});

t.test('longer than four hours is beyond it', async (t) => {
  const histogram = histogramOf([fourHoursMs - 1, fourHoursMs, 2 * fourHoursMs]);
  t.equal(histogram.beyondShare, 2 / 3);
  t.same(histogram.quantile(0.99), { fromMs: fourHoursMs - binMs, toMs: fourHoursMs });
});

t.test('of nothing nothing is known', async (t) => {
  t.match(new IdleHistogram(), { samples: 0, beyondShare: 0, variation: 0 });
  t.equal(new IdleHistogram().quantile(0.5), null);
  t.equal(histogramOf([fourHoursMs]).quantile(0.5), null);
});

t.test('a clock varies much, and what comes at any time hardly', async (t) => {
  const clock = histogramOf(Array.from({ length: 100 }, () => 30 * binMs));
  const anything = histogramOf(Array.from({ length: 480 }, (_, n) => (n % 240) * binMs));
  t.ok(clock.variation > 15);
  t.ok(anything.variation < 0.01);
});

t.test('what is long past weighs less', async (t) => {
  const before = Array.from({ length: 5_000 }, () => 0);
  const histogram = histogramOf([...before, ...Array.from({ length: 1_000 }, () => 5 * binMs)]);
  t.ok(histogram.samples <= 1024);
  t.equal(histogram.quantile(0.5)?.fromMs, 5 * binMs);
});

t.test('a share of the idle times does not exceed its quantile', async (t) => {
  const times = fc.array(fc.nat(2 * fourHoursMs), { minLength: 1, maxLength: 500 });
  fc.assert(
    fc.property(times, fc.double({ min: 0, max: 1, noNaN: true }), (idleMs, share) => {
      const histogram = histogramOf(idleMs);
      const within = idleMs.filter((ms) => ms < fourHoursMs);
      const range = histogram.quantile(share);
      assert.equal(range === null, within.length === 0);
      if (range === null) return;
      const below = within.filter((ms) => ms < range.toMs).length;
      assert.ok(below >= within.length * share - 1e-9);
      const under = within.filter((ms) => ms < range.fromMs).length;
      assert.ok(under < Math.max(1, within.length * share));
    }),
  );
  t.pass();
});

t.test('the variation is that of the counts', async (t) => {
  fc.assert(
    fc.property(fc.array(fc.nat(239), { minLength: 1, maxLength: 3000 }), (minutes) => {
      const histogram = histogramOf(minutes.map((minute) => minute * binMs));
      const counts = Array.from({ length: 240 }, (_, bin) => {
        const range = (share: number) => histogram.quantile(share);
        return range(1) === null ? 0 : minutes.filter((minute) => minute === bin).length;
      });
      if (minutes.length > 1024) return;
      const mean = minutes.length / 240;
      const variance = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / 240;
      assert.ok(Math.abs(histogram.variation - Math.sqrt(variance) / mean) < 1e-6);
    }),
  );
  t.pass();
});
