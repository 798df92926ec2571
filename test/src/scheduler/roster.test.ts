import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { Concurrency } from '../../../src/scheduler/concurrency.js';
import { Keeper } from '../../../src/scheduler/keeper.js';
import { Roster } from '../../../src/scheduler/roster.js';
import { functionRecord } from '../../support/functionRecord.js';

const rules = {
  minHotMs: 30_000,
  maxHotMs: 120_000,
  leastKeepMs: 600_000,
  minGapMs: 120_000,
  minSamples: 5,
};
const f = functionRecord('f');
const g = functionRecord('g');

function rosterOf(policy: 'hybrid' | 'none' = 'hybrid') {
  const keeper = new Keeper({ policy: { kind: policy }, rules });
  const concurrency = new Concurrency(100_000, 0);
  const roster = new Roster(keeper, concurrency);
  const rest = (instanceId: string, fn = f, nowMs = 0) => {
    roster.join(instanceId, fn);
    roster.used(instanceId, nowMs);
    roster.rest(instanceId, { chargedMib: 100, deflatableMib: 10 });
  };
  return { roster, concurrency, rest };
}

const evictable = (roster: Roster) =>
  [...roster.idle.inEvictionOrder()].map(({ instanceId }) => instanceId);

t.test('who has never been used is not idle, and who has gone is not there', async (t) => {
  const { roster, rest } = rosterOf();
  roster.join('a', f);
  roster.rest('a', { chargedMib: 100, deflatableMib: 0 });
  t.same(evictable(roster), []);
  rest('b');
  t.same(evictable(roster), ['b']);
  t.equal(roster.countOf('f'), 2);
  roster.leave('b');
  roster.leave('b');
  roster.used('b', 5);
  roster.rest('b', { chargedMib: 100, deflatableMib: 0 });
  t.same(evictable(roster), []);
  t.equal(roster.countOf('f'), 1);
  t.equal(roster.countAlike(functionRecord('f', { revisionId: 'another' })), 0);
});

t.test('those used last are spared for their function', async (t) => {
  const { roster, concurrency, rest } = rosterOf();
  rest('a', f, 1);
  rest('b', f, 2);
  rest('c', g, 3);
  concurrency.reserve('f', 1, 100);
  roster.protect('f');
  t.same(evictable(roster), ['a', 'c']);
  roster.take('b');
  t.same(evictable(roster), ['a', 'c'], 'the one that is reserved is in use');
  roster.leave('b');
  t.same(evictable(roster), ['c']);
  concurrency.reserve('f', null, 100);
  roster.expose('f');
  t.same(evictable(roster), ['a', 'c']);
});

t.test('what is provisioned is not spent', async (t) => {
  const { roster, concurrency, rest } = rosterOf('none');
  rest('a');
  t.ok(roster.isSpent('a', 0));
  concurrency.provision(f, 1, 100);
  roster.protect('f');
  t.notOk(roster.isSpent('a', 0));
  t.equal(roster.fates(0, false).get('a'), 'hot');
  t.notOk(roster.isSpent('nobody', 0));
});

const steps = fc.array(
  fc.record({
    do: fc.constantFrom('join', 'rest', 'take', 'leave', 'reserve'),
    instanceId: fc.constantFrom('a', 'b', 'c', 'd'),
    count: fc.nat(4),
  }),
  { maxLength: 60 },
);

/** A roster, and what is to be true of it. */
class World {
  readonly #setup = rosterOf();
  readonly #states = new Map<string, 'busy' | 'idle'>();
  #reserved = 0;

  step(what: string, instanceId: string, count: number, nowMs: number): void {
    const { roster, concurrency, rest } = this.#setup;
    const state = this.#states.get(instanceId);
    if (what === 'reserve') {
      this.#reserved = count;
      concurrency.reserve('f', count, 100);
      roster.protect('f');
    } else if (what === 'leave') {
      roster.leave(instanceId);
      this.#states.delete(instanceId);
    } else if (what === 'join' && state === undefined) {
      roster.join(instanceId, f);
      this.#states.set(instanceId, 'busy');
    } else if (what === 'rest' && state !== undefined) {
      rest(instanceId, f, nowMs);
      this.#states.set(instanceId, 'idle');
    } else if (what === 'take' && state === 'idle') {
      roster.take(instanceId);
      this.#states.set(instanceId, 'busy');
    }
  }

  check(): void {
    const { roster, concurrency } = this.#setup;
    const idle = [...this.#states.values()].filter((state) => state === 'idle').length;
    const spared = Math.min(idle, Math.max(0, this.#reserved - (this.#states.size - idle)));
    assert.equal(evictable(roster).length, idle - spared);
    const withheldMib = Math.max(0, this.#reserved - this.#states.size) * 100;
    assert.equal(concurrency.withheldFrom('g'), withheldMib);
  }
}

t.test('as many are spared as are kept, and not in use', async (t) => {
  fc.assert(
    fc.property(steps, (sequence) => {
      const world = new World();
      for (const [nowMs, { do: what, instanceId, count }] of sequence.entries()) {
        world.step(what, instanceId, count, nowMs);
        world.check();
      }
    }),
  );
  t.pass();
});
