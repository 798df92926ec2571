import fc from 'fast-check';
import t from 'tap';
import { limits } from '../../../src/model/limits.js';
import type { Needs } from '../../../src/model/needs.js';
import { boundOf, maxSamples, needOf, sizingOf, withNeed } from '../../../src/scheduler/needs.js';

const maxMib = limits.maxMemoryMib;
const needsOf = (needsMib: readonly number[]): Needs => needsMib.reduce(withNeed, []);
const samplesOf = (needs: Needs) => needs.reduce((sum, { count }) => sum + count, 0);

const mib = fc.integer({ min: 1, max: maxMib });
const someNeeds = fc.array(mib, { maxLength: 400 });
const enoughNeeds = fc.array(mib, { minLength: 10, maxLength: 400 });

t.test('a need is the peak and headroom, and no more than what was enough', async (t) => {
  t.equal(needOf({ peakMib: 100, limitMib: 512, wasKilled: false }), 114.99999999999999);
  t.equal(needOf({ peakMib: 125, limitMib: 128, wasKilled: false }), 128);
  t.equal(needOf({ peakMib: 128, limitMib: 128, wasKilled: true }), 256);
});

t.test('whatever was needed, the size recommended is one that can be asked for', async () => {
  const largest = fc.integer({ min: limits.minMemoryMib, max: maxMib });
  fc.assert(
    fc.property(enoughNeeds, largest, (needsMib, largestMib) => {
      const { recommendedMib } = sizingOf(needsOf(needsMib), largestMib);
      const size = recommendedMib ?? 0;
      return Number.isInteger(size) && size >= limits.minMemoryMib && size <= largestMib;
    }),
  );
});

t.test('of 100 invocations, at most one needed more', async () => {
  fc.assert(
    fc.property(enoughNeeds, (needsMib) => {
      const size = sizingOf(needsOf(needsMib), maxMib).recommendedMib ?? 0;
      return needsMib.filter((needMib) => needMib > size).length <= needsMib.length / 100;
    }),
  );
});

t.test('no more is recommended than the largest need asks for, within a bin', async () => {
  fc.assert(
    fc.property(enoughNeeds, (needsMib) => {
      const size = sizingOf(needsOf(needsMib), maxMib).recommendedMib ?? 0;
      return size <= Math.max(limits.minMemoryMib, Math.ceil(Math.max(...needsMib) * 1.05));
    }),
  );
});

t.test('a need that is larger never makes the size smaller', async () => {
  fc.assert(
    fc.property(enoughNeeds, fc.nat(maxMib), (needsMib, moreMib) => {
      const needs = needsOf(needsMib);
      const before = sizingOf(needs, maxMib).recommendedMib ?? 0;
      return (sizingOf(withNeed(needs, before + moreMib), maxMib).recommendedMib ?? 0) >= before;
    }),
  );
});

t.test('a function that fills what it has is not given more and more', async () => {
  const fills = fc.array(fc.double({ min: 0.9, max: 1, noNaN: true }), {
    minLength: 10,
    maxLength: 300,
  });
  fc.assert(
    fc.property(fills, mib, (shares, firstMib) => {
      const startMib = Math.max(limits.minMemoryMib, firstMib);
      const first = sizingOf(needsOf(Array(10).fill(startMib)), maxMib).recommendedMib ?? 0;
      let needs: Needs = [];
      for (const share of shares) {
        const limitMib = sizingOf(needs, maxMib).recommendedMib ?? first;
        needs = withNeed(needs, needOf({ peakMib: limitMib * share, limitMib, wasKilled: false }));
      }
      return (sizingOf(needs, maxMib).recommendedMib ?? 0) <= first;
    }),
  );
});

t.test('one that is killed time and again is given enough in the end', async (t) => {
  const wantedMib = 3000;
  let needs = needsOf(Array(200).fill(100));
  let limitMib = 0;
  for (let turn = 0; turn < 60; turn += 1) {
    limitMib = sizingOf(needs, maxMib).recommendedMib ?? 0;
    const wasKilled = limitMib < wantedMib;
    needs = withNeed(
      needs,
      needOf({ peakMib: Math.min(limitMib, wantedMib), limitMib, wasKilled }),
    );
  }
  t.ok(limitMib >= wantedMib, `${limitMib} MiB`);
});

t.test('the histogram is bounded, in order, and counts every need', async (t) => {
  fc.assert(
    fc.property(someNeeds, (needsMib) => {
      const needs = needsOf(needsMib);
      const edges = needs.map(({ upToMib }) => upToMib);
      const inOrder = edges.every((edge, at) => at === 0 || edge > (edges[at - 1] ?? 0));
      return inOrder && samplesOf(needs) === needsMib.length && edges.length <= 125;
    }),
  );
  let needs: Needs = [];
  for (let sample = 0; sample < 3 * maxSamples; sample += 1) needs = withNeed(needs, sample % 5000);
  t.ok(samplesOf(needs) <= maxSamples);
});

t.test('what is long past is forgotten', async (t) => {
  let needs = needsOf(Array(500).fill(4000));
  for (let sample = 0; sample < 8 * maxSamples; sample += 1) needs = withNeed(needs, 100);
  t.equal(sizingOf(needs, maxMib).recommendedMib, 128);
});

t.test('too few say nothing', async (t) => {
  t.match(sizingOf([], maxMib), { samples: 0, recommendedMib: null, confidence: 0 });
  t.match(sizingOf(needsOf(Array(9).fill(200)), maxMib), { samples: 9, recommendedMib: null });
  t.match(sizingOf(needsOf(Array(10).fill(200)), maxMib), { samples: 10, recommendedMib: 201 });
});

t.test('the confidence is that of the binomial distribution', async (t) => {
  // 1 - 0.99^n for the largest of n; 299 is the first n at which that is 95 %.
  t.ok(Math.abs(boundOf(100).confidence - (1 - 0.99 ** 100)) < 1e-12);
  t.equal(boundOf(298).above, 0);
  t.ok(boundOf(298).confidence < 0.95);
  t.match(boundOf(299), { above: 0 });
  t.ok(boundOf(299).confidence >= 0.95);
  // Published tables of distribution-free tolerance bounds: 473 for the second largest.
  t.equal(boundOf(472).above, 0);
  t.equal(boundOf(473).above, 1);
  for (const samples of [500, 1000, maxSamples]) {
    const { above, confidence } = boundOf(samples);
    t.ok(confidence >= 0.95 && confidence < 1, `${samples}: ${confidence}`);
    t.ok(above < samples / 100, `${above} of ${samples}`);
  }
});
