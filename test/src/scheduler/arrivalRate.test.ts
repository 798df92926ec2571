import t from 'tap';
import { noArrivals, rateAt, withArrival } from '../../../src/scheduler/arrivalRate.js';

t.test('what arrives evenly arrives at its rate', async (t) => {
  let rate = noArrivals;
  for (let nowMs = 0; nowMs < 7_200_000; nowMs += 500) rate = withArrival(rate, nowMs);
  const perSecond = rateAt(rate, 7_200_000) * 1_000;
  t.ok(perSecond > 1.95 && perSecond < 2.05, `${perSecond} in a second`);
});

t.test('a burst counts at once and is not forgotten at once', async (t) => {
  let rate = noArrivals;
  for (let n = 0; n < 60; n += 1) rate = withArrival(rate, 3_600_000 + n);
  const burst = rateAt(rate, 3_600_060);
  t.ok(burst * 60_000 > 40, 'as if 40 came in a minute');
  const later = rateAt(rate, 3_600_060 + 900_000);
  t.ok(later < burst / 10 && later * 900_000 > 10, 'as if 10 came in a quarter of an hour');
  t.equal(rateAt(noArrivals, 5), 0);
});
