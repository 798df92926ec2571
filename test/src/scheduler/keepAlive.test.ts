import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { IdleHistogram } from '../../../src/scheduler/idleHistogram.js';
import {
  fateOf,
  hotMsOf,
  type IdleState,
  isForeseen,
  type KeepAlive,
  type KeepAliveRules,
  keepAliveOf,
  priorityOf,
} from '../../../src/scheduler/keepAlive.js';

const minuteMs = 60_000;
const rules: KeepAliveRules = {
  minHotMs: 30_000,
  maxHotMs: 2 * minuteMs,
  leastKeepMs: 10 * minuteMs,
  minGapMs: 2 * minuteMs,
  minSamples: 5,
};
const hybrid: KeepAlive = { kind: 'hybrid' };

/** An instance that is idle since so long, of a function that was idle for so many minutes each. */
function idle(idleMinutes: number, gaps: readonly number[], levelIdleMinutes?: number): IdleState {
  const idleTimes = new IdleHistogram();
  for (const minutes of gaps) idleTimes.record(minutes * minuteMs);
  const idleMs = (levelIdleMinutes ?? idleMinutes) * minuteMs;
  return { idleMs: idleMinutes * minuteMs, demand: { idleTimes, idleMs }, coldMs: 1_000 };
}

const fate = (state: IdleState, policy: KeepAlive = hybrid) => fateOf(policy, rules, state);
const hourly = [60, 60, 60, 60, 60, 60];

t.test('the names of the policies', async (t) => {
  t.same(keepAliveOf('hybrid'), { kind: 'hybrid' });
  t.same(keepAliveOf('greedy-dual'), { kind: 'greedy-dual' });
  t.same(keepAliveOf('none'), { kind: 'none' });
  t.same(keepAliveOf('fixed:600'), { kind: 'fixed', keepMs: 600_000 });
  t.same(keepAliveOf('fixed:604800'), { kind: 'fixed', keepMs: 604_800_000 });
  const bad = ['', 'Hybrid', 'fixed', 'fixed:', 'fixed:0', 'fixed:1.5', 'fixed:604801', 'fixed:-1'];
  for (const text of bad) t.equal(keepAliveOf(text), null, text);
});

t.test('hybrid: of a function that is hardly known, a fixed time', async (t) => {
  t.equal(fate(idle(0.4, [])), 'hot');
  t.equal(fate(idle(0.6, [])), 'deflated');
  t.equal(fate(idle(9.9, [60, 60])), 'deflated');
  t.equal(fate(idle(10.1, [60, 60])), 'evicted');
});

t.test('hybrid: a function that is called every hour goes meanwhile, and is back', async (t) => {
  t.equal(fate(idle(0.4, hourly)), 'hot');
  t.equal(fate(idle(9, hourly)), 'deflated');
  t.equal(fate(idle(11, hourly)), 'evicted');
  t.notOk(isForeseen(hybrid, rules, idle(0, hourly, 53)));
  t.ok(isForeseen(hybrid, rules, idle(0, hourly, 54)));
  t.equal(fate(idle(0.1, hourly, 54)), 'hot', 'the one that was started ahead is idle since now');
  t.equal(fate(idle(5, hourly, 60)), 'deflated');
  t.equal(fate(idle(13, hourly, 68)), 'evicted', 'it was not called after all');
  t.notOk(isForeseen(hybrid, rules, idle(0, hourly, 68)));
});

t.test('hybrid: one that is called every few minutes stays', async (t) => {
  const often = [1, 1, 1, 2, 8, 8, 1, 1];
  for (const minutes of [0.6, 1.5, 3, 9]) t.not(fate(idle(minutes, often)), 'evicted');
  t.equal(fate(idle(10, often)), 'evicted');
  t.notOk(isForeseen(hybrid, rules, idle(0, often, 5)), 'there is no gap to be filled');
});

t.test('hybrid: nothing goes early, however often it was called', async (t) => {
  const often = [0, 0, 0, 0, 0, 0];
  t.equal(fate(idle(9.9, often)), 'deflated');
  t.equal(fate(idle(10, often)), 'evicted');
});

t.test('hybrid: hot as long as calls usually take to come, within bounds', async (t) => {
  const hotMs = (gaps: readonly number[]) => hotMsOf(hybrid, rules, idle(0, gaps).demand);
  t.equal(hotMs([]), 30_000);
  t.equal(hotMs([0, 0, 0, 0, 0, 0]), minuteMs);
  t.equal(hotMs([1, 1, 1, 1, 1, 1]), 2 * minuteMs);
  t.equal(hotMs(hourly), 30_000);
});

t.test(
  'hybrid: idle times that may be anything or are beyond four hours tell nothing',
  async (t) => {
    const anything = Array.from({ length: 480 }, (_, n) => n % 240);
    t.equal(fate(idle(9, anything)), 'deflated');
    t.equal(fate(idle(11, anything)), 'evicted');
    const rare = [300, 300, 300, 300, 3, 3];
    t.equal(fate(idle(9, rare)), 'deflated');
  },
);

t.test('hybrid: an instance too many goes by its own idle time', async (t) => {
  const often = [1, 1, 1, 2, 8, 8, 1, 1];
  t.equal(fate(idle(5, often, 0)), 'deflated');
  t.equal(fate(idle(12, often, 0)), 'evicted');
});

t.test('the other policies', async (t) => {
  const fixed: KeepAlive = { kind: 'fixed', keepMs: 10 * minuteMs };
  t.equal(fate(idle(9.9, hourly), fixed), 'hot');
  t.equal(fate(idle(10, hourly), fixed), 'evicted');
  t.equal(fate(idle(0, []), { kind: 'none' }), 'evicted');
  const greedyDual: KeepAlive = { kind: 'greedy-dual' };
  t.equal(fate(idle(0.4, hourly), greedyDual), 'hot');
  t.equal(fate(idle(10_000, hourly), greedyDual), 'deflated');
  for (const policy of [fixed, greedyDual, { kind: 'none' } as const]) {
    t.notOk(isForeseen(policy, rules, idle(0, hourly, 57)), policy.kind);
  }
});

t.test('what is used often, slow to start and small is worth the most', async (t) => {
  const worth = { clock: 5, uses: 3, coldMs: 200, chargedMib: 100, idleSinceMs: 7 };
  t.equal(priorityOf(hybrid, worth), 11);
  t.ok(priorityOf(hybrid, { ...worth, uses: 4 }) > 11);
  t.ok(priorityOf(hybrid, { ...worth, coldMs: 300 }) > 11);
  t.ok(priorityOf(hybrid, { ...worth, chargedMib: 50 }) > 11);
  t.equal(priorityOf({ kind: 'fixed', keepMs: 1 }, worth), 7, 'the one used last is worth most');
});

const states = fc
  .record({
    idleMinutes: fc.double({ min: 0, max: 600, noNaN: true }),
    gaps: fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 40 }),
    levelIdleMinutes: fc.double({ min: 0, max: 600, noNaN: true }),
  })
  .map(({ idleMinutes, gaps, levelIdleMinutes }) => idle(idleMinutes, gaps, levelIdleMinutes));
const policies = fc.constantFrom<KeepAlive>(
  hybrid,
  { kind: 'greedy-dual' },
  { kind: 'fixed', keepMs: 600_000 },
  { kind: 'none' },
);

t.test('what is started ahead of a call is not evicted at once', async (t) => {
  fc.assert(
    fc.property(policies, states, (policy, state) => {
      if (!isForeseen(policy, rules, state)) return;
      assert.notEqual(fateOf(policy, rules, { ...state, idleMs: 0 }), 'evicted');
      const idleMs = rules.maxHotMs + 1;
      assert.equal(fateOf(policy, rules, { ...state, idleMs }), 'deflated');
    }),
    { numRuns: 2000 },
  );
  t.pass();
});

t.test('nothing is hot for longer than the bounds say', async (t) => {
  fc.assert(
    fc.property(policies, states, (policy, state) => {
      const hotMs = hotMsOf(policy, rules, state.demand);
      if (policy.kind === 'hybrid') assert.ok(hotMs >= rules.minHotMs && hotMs <= rules.maxHotMs);
      assert.equal(fateOf(policy, rules, state) === 'hot', state.idleMs < hotMs);
    }),
    { numRuns: 2000 },
  );
  t.pass();
});
