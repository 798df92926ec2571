import t from 'tap';
import { Quantiles } from '../../../bench/simulator/quantiles.js';
import { drawWorkload } from '../../../bench/simulator/workload.js';

const between = (low: number, high: number) =>
  new Quantiles(
    [
      { share: 0, value: low },
      { share: 1, value: high },
    ],
    'even',
  );
const callsPerMinute = Uint32Array.from({ length: 1440 }, (_, n) => (n % 60 === 0 ? 5 : 0));
const functions = [
  { callsPerMinute, durationMs: between(10, 20), needMib: between(20, 300) },
  { callsPerMinute, durationMs: between(10, 20), needMib: between(500, 900) },
];
const drawn = (seed: number, maxMib = 10_240) => {
  const { calls, fullMib } = drawWorkload({ functions, leftOut: 0 }, seed, maxMib);
  return { calls: [...calls], fullMib };
};

t.test('the same seed draws the same calls, another one others', async (t) => {
  const { calls } = drawWorkload({ functions, leftOut: 0 }, 7, 10_240);
  t.same([...calls], [...calls], 'they can be drawn again and again');
  t.same(drawn(7), drawn(7));
  t.not(drawn(8).calls[0]?.atMs, drawn(7).calls[0]?.atMs);
});

t.test('calls come in order, each in its minute, as long and large as it may be', async (t) => {
  const { calls } = drawn(1);
  t.equal(calls.length, 240);
  let lastMs = 0;
  for (const { atMs, fn, durationMs, needMib } of calls) {
    if (atMs < lastMs || Math.floor(atMs / 60_000) % 60 !== 0) t.fail(`a call at ${atMs}`);
    if (durationMs < 10 || durationMs > 20) t.fail(`a duration of ${durationMs}`);
    const [low, high] = fn === 0 ? [128, 300] : [500, 900];
    if (needMib < low || needMib > high) t.fail(`a size of ${needMib}`);
    lastMs = atMs;
  }
});

t.test('one size for all of them is in the steps that platforms have', async (t) => {
  t.same(drawn(1).fullMib, [384, 896 + 128]);
  const { calls, fullMib } = drawn(1, 600);
  t.same(fullMib, [384, 600]);
  t.ok(calls.every(({ needMib }) => needMib <= 600));
});
