import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { Demand } from '../../../src/scheduler/demand.js';

const minuteMs = 60_000;

/** Calls that are over at once, so many minutes after each other. */
function demandAfter(gaps: readonly number[]): { demand: Demand; nowMs: number } {
  const demand = new Demand();
  let nowMs = 0;
  for (const gap of [0, ...gaps]) {
    nowMs += gap * minuteMs;
    demand.called('f', nowMs);
    demand.ended('f', nowMs);
  }
  return { demand, nowMs };
}

t.test('of a function that was never called nothing is known', async (t) => {
  const demand = new Demand();
  t.match(demand.level('f', 1, 5), { idleMs: 0, idleTimes: { samples: 0 } });
  t.equal(demand.uses('f', 1, 5), 0);
  t.equal(demand.coldMs('f'), 1_000);
  t.same([...demand.idleLevels('f', 5)], []);
});

t.test('idle times are those between the end of a call and the next', async (t) => {
  const demand = new Demand();
  demand.called('f', 0);
  demand.ended('f', 7 * minuteMs);
  demand.called('f', 10 * minuteMs);
  const { idleTimes, idleMs } = demand.level('f', 1, 10 * minuteMs);
  t.equal(idleTimes.samples, 1);
  t.equal(idleTimes.quantile(1)?.fromMs, 3 * minuteMs);
  t.equal(idleMs, 0, 'it is needed');
});

t.test('calls at a time are levels of their own', async (t) => {
  const demand = new Demand();
  for (const startMs of [0, 60 * minuteMs]) {
    demand.called('f', startMs);
    demand.called('f', startMs);
    demand.ended('f', startMs + minuteMs);
    for (let n = 2; n < 60; n += 1) {
      demand.ended('f', startMs + n * minuteMs);
      demand.called('f', startMs + n * minuteMs);
    }
    demand.ended('f', startMs + 60 * minuteMs);
  }
  const nowMs = 120 * minuteMs;
  t.equal(demand.level('f', 1, nowMs).idleTimes.quantile(1)?.fromMs, 0);
  const second = demand.level('f', 2, nowMs);
  t.equal(second.idleTimes.samples, 1);
  t.equal(second.idleTimes.quantile(1)?.fromMs, 59 * minuteMs);
  t.equal(second.idleMs, 59 * minuteMs);
  t.ok(demand.uses('f', 2, nowMs) < demand.uses('f', 1, nowMs));
});

t.test('levels that came to be idle are told, until they are foreseen or needed', async (t) => {
  const { demand, nowMs } = demandAfter([30, 30]);
  t.match([...demand.idleLevels('f', nowMs + minuteMs)], [{ level: 1, idleMs: minuteMs }]);
  demand.foreseen('f', 1);
  t.same([...demand.idleLevels('f', nowMs + minuteMs)], []);
  demand.called('f', nowMs + 2 * minuteMs);
  t.same([...demand.idleLevels('f', nowMs + 3 * minuteMs)], []);
  demand.ended('f', nowMs + 3 * minuteMs);
  t.match([...demand.idleLevels('f', nowMs + 3 * minuteMs)], [{ level: 1, idleMs: 0 }]);
});

t.test('what was measured is averaged, the newest counting most', async (t) => {
  const demand = new Demand();
  demand.started('f', 100);
  t.equal(demand.coldMs('f'), 100);
  demand.started('f', 200);
  t.equal(demand.coldMs('f'), 130);
  demand.ran('f', 50);
  t.equal(demand.durationMs('f'), 50);
  t.equal(demand.durationMs('g'), 1_000);
});

t.test('what is forgotten is unknown, though its calls still end', async (t) => {
  const demand = new Demand();
  demand.called('f', 0);
  demand.called('f', 0);
  demand.started('f', 5);
  demand.forget('f');
  t.equal(demand.inFlight('f'), 2);
  t.equal(demand.coldMs('f'), 1_000);
  demand.ended('f', 1);
  demand.ended('f', 1);
  t.same([...demand.versionKeys()], []);
  demand.ended('f', 1);
  t.equal(demand.inFlight('f'), 0);
});

t.test('as many run as have begun and not ended', async (t) => {
  const steps = fc.array(fc.oneof(fc.constant('call'), fc.constant('end'), fc.constant('forget')));
  fc.assert(
    fc.property(steps, (sequence) => {
      const demand = new Demand();
      let inFlight = 0;
      for (const [nowMs, step] of sequence.entries()) {
        if (step === 'call') {
          demand.called('f', nowMs);
          inFlight += 1;
        } else if (step === 'end') {
          demand.ended('f', nowMs);
          inFlight = Math.max(0, inFlight - 1);
        } else demand.forget('f');
        assert.equal(demand.inFlight('f'), inFlight);
        for (const { level } of demand.idleLevels('f', nowMs)) assert.ok(level > inFlight);
        for (let level = 1; level < 9; level += 1) {
          const { idleMs } = demand.level('f', level, nowMs);
          assert.ok(idleMs >= 0 && idleMs <= nowMs);
          assert.ok(demand.uses('f', level, nowMs) >= 0);
        }
      }
    }),
  );
  t.pass();
});
