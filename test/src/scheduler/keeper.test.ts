import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import type { IdleInstance } from '../../../src/scheduler/idleIndex.js';
import type { KeepAlive, KeepAliveRules } from '../../../src/scheduler/keepAlive.js';
import { Keeper } from '../../../src/scheduler/keeper.js';

const minuteMs = 60_000;
const rules: KeepAliveRules = {
  minHotMs: 30_000,
  maxHotMs: 2 * minuteMs,
  leastKeepMs: 10 * minuteMs,
  minGapMs: 2 * minuteMs,
  minSamples: 5,
};
const keeperOf = (policy: KeepAlive = { kind: 'hybrid' }) => new Keeper({ policy, rules });

/** A call that is over at once. */
function call(keeper: Keeper, versionKey: string, nowMs: number): void {
  keeper.demand.called(versionKey, nowMs);
  keeper.demand.ended(versionKey, nowMs);
}

const idle = (instanceId: string, versionKey: string, idleSinceMs: number): IdleInstance => ({
  instanceId,
  functionName: versionKey,
  versionKey,
  revisionId: '1',
  chargedMib: 100,
  deflatableMib: 0,
  idleSinceMs,
  hotUntilMs: 0,
  priority: 0,
  isProtected: false,
});

const nobody = () => false;

t.test(
  'the instances of a burst go one after the other as their levels are not needed',
  async (t) => {
    const keeper = keeperOf();
    // One call runs almost always; a second one beside it for a moment every hour.
    for (let hour = 0; hour < 8; hour += 1) {
      const startMs = hour * 60 * minuteMs;
      keeper.demand.called('f', startMs);
      keeper.demand.called('f', startMs);
      keeper.demand.ended('f', startMs + 1_000);
      keeper.demand.ended('f', startMs + 59.9 * minuteMs);
    }
    const nowMs = 480 * minuteMs + 50_000;
    const two = [idle('first', 'f', nowMs - 40_000), idle('second', 'f', nowMs - 50_000)];
    const fates = keeper.fates(two, { nowMs, isHostShort: false, isProvisioned: nobody });
    t.equal(fates.get('first'), 'hot', 'the next call comes soon');
    t.equal(fates.get('second'), 'deflated', 'its turn is about now, every hour');
    const later = nowMs + 10 * minuteMs;
    const facts = { nowMs: later, isHostShort: false, isProvisioned: nobody };
    t.equal(keeper.fates(two, facts).get('second'), 'evicted', 'an hour without it lies ahead');
  },
);

t.test('a host that is short of memory has nothing hot but what is provisioned', async (t) => {
  const keeper = keeperOf();
  const two = [idle('a', 'f', 0), idle('b', 'f', 0)];
  const isProvisioned = (instanceId: string) => instanceId === 'a';
  const fates = keeper.fates(two, { nowMs: 5, isHostShort: true, isProvisioned });
  t.same(
    [...fates],
    [
      ['a', 'hot'],
      ['b', 'deflated'],
    ],
  );
});

t.test('who has to make room raises what everybody is worth after it', async (t) => {
  const keeper = keeperOf();
  call(keeper, 'f', 0);
  keeper.demand.started('f', 500);
  const before = keeper.priority(keeper.standing('f', 0), 100);
  t.equal(before, 5);
  keeper.displaced(before);
  keeper.displaced(1);
  t.equal(keeper.priority(keeper.standing('f', 0), 100), 10);
});

t.test('what is foreseen is told until it is there', async (t) => {
  const keeper = keeperOf();
  for (let hour = 0; hour <= 6; hour += 1) call(keeper, 'f', hour * 60 * minuteMs);
  call(keeper, 'g', 360 * minuteMs);
  const at = (minutes: number) => [...keeper.foreseen((360 + minutes) * minuteMs)];
  t.same(at(20), []);
  t.same(at(55), [{ versionKey: 'f', level: 1 }]);
  t.same(at(90), [], 'it did not come');
  keeper.demand.foreseen('f', 1);
  t.same(at(55), []);
  t.same([...keeperOf({ kind: 'none' }).foreseen(0)], []);
});

t.test('what is forgotten is one version, or all', async (t) => {
  const keeper = keeperOf();
  for (const key of ['f:$LATEST', 'f:1', 'f:2', 'ff:1']) call(keeper, key, 0);
  keeper.forget({ functionName: 'f', version: '1' });
  t.same([...keeper.demand.versionKeys()], ['f:$LATEST', 'f:2', 'ff:1']);
  keeper.forget({ functionName: 'f', version: null });
  t.same([...keeper.demand.versionKeys()], ['ff:1']);
});

t.test('what becomes of one does not depend on the order of asking', async (t) => {
  const instances = fc.array(
    fc.record({ key: fc.constantFrom('f', 'g'), ageMs: fc.nat(20 * minuteMs) }),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(instances, fc.array(fc.nat(15)), (given, gaps) => {
      const keeper = keeperOf();
      let nowMs = 0;
      for (const gap of gaps) {
        nowMs += gap * minuteMs;
        call(keeper, 'f', nowMs);
      }
      nowMs += minuteMs;
      const all = given.map(({ key, ageMs }, n) => idle(`i${n}`, key, nowMs - ageMs - n / 100));
      const facts = { nowMs, isHostShort: false, isProvisioned: nobody };
      const fates = keeper.fates(all, facts);
      const reversed = keeper.fates(all.toReversed(), facts);
      assert.equal(fates.size, all.length);
      for (const [instanceId, fate] of fates) assert.equal(reversed.get(instanceId), fate);
    }),
  );
  t.pass();
});
