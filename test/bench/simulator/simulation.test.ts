import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { contenderOf, defaultPolicies } from '../../../bench/simulator/contender.js';
import { chargesOf } from '../../../bench/simulator/costs.js';
import { type Outcome, simulate } from '../../../bench/simulator/simulation.js';
import type { Call, Workload } from '../../../bench/simulator/workload.js';

const minuteMs = 60_000;
const charges = chargesOf(4096, 1024);
/** Of an instance, beside its size: 64 MiB of QEMU and a floor of 160. */
const besidesMib = 224;

/** Of functions that all have one size where they do not have that of each call. */
function workloadOf(calls: readonly Call[], fullMib = 1024): Workload {
  const functions = Math.max(0, ...calls.map(({ fn }) => fn + 1));
  return { calls, fullMib: Array.from({ length: functions }, () => fullMib) };
}

const callAt = (atMs: number, needMib = 512): Call => ({ atMs, fn: 0, durationMs: 1_000, needMib });
const close = (actual: number | undefined, expectedMibMs: number) =>
  assert.ok(Math.abs((actual ?? 0) - expectedMibMs / 1024 / 1000) < 1e-6, `${actual}`);

t.test('two calls within ten minutes: computed by hand', async (t) => {
  const calls = [callAt(1_000), callAt(5 * minuteMs)];
  const { warm, cold, queued, gibSeconds, meanDelayMs } = simulate(
    workloadOf(calls),
    contenderOf('fixed:600'),
    charges,
  );
  t.same({ warm, cold, queued, meanDelayMs }, { warm: 1, cold: 1, queued: 0, meanDelayMs: 50 });
  const chargeMib = 1024 + besidesMib;
  close(gibSeconds.starting, chargeMib * 100);
  close(gibSeconds.busy, chargeMib * 2_000);
  // Idle from 2.1 s to the second call, and from its end to the sweep ten minutes later.
  close(gibSeconds.hot, chargeMib * (300_000 - 2_100 + (905_000 - 301_000)));
  close(gibSeconds.ending, chargeMib * 1_500);
  t.equal(gibSeconds.deflated, 0);
});

t.test('without keep-alive each call is a cold start at its own size', async (t) => {
  const calls = [callAt(1_000, 256), callAt(5 * minuteMs, 512)];
  const { cold, gibSeconds } = simulate(workloadOf(calls), contenderOf('none'), charges);
  t.equal(cold, 2);
  close(gibSeconds.busy, (256 + 512 + 2 * besidesMib) * 1_000);
  t.equal(gibSeconds.hot, 0);
});

t.test('what does not fit waits, and for no longer than a minute', async (t) => {
  const long = (atMs: number): Call => ({ ...callAt(atMs, 1024), durationMs: 90_000 });
  const calls = [long(0), long(1), long(2), long(40_000)];
  const outcome = simulate(workloadOf(calls), contenderOf('hybrid'), charges);
  const { warm, cold, queued, timedOut } = outcome;
  t.same({ warm, cold, queued, timedOut }, { warm: 1, cold: 3, queued: 1, timedOut: 0 });
  const more = simulate(workloadOf([...calls, long(40_001)]), contenderOf('hybrid'), charges);
  t.equal(more.warm + more.cold, 5);
  const over = [long(0), long(1), long(2), long(3)];
  t.equal(simulate(workloadOf(over), contenderOf('hybrid'), charges).timedOut, 1);
});

const calls = fc
  .array(
    fc.record({
      atMs: fc.nat(30 * minuteMs),
      fn: fc.nat(3),
      durationMs: fc.integer({ min: 1, max: 100_000 }),
      needMib: fc.integer({ min: 128, max: 1024 }),
    }),
    { maxLength: 60 },
  )
  .map((some) => some.sort((one, other) => one.atMs - other.atMs));

const counted = ({ warm, cold, refused, timedOut }: Outcome) => warm + cold + refused + timedOut;
const dayGib = 4 * 24 * 3600;

t.test('each call ends once, within the budget, and the same each time', async (t) => {
  fc.assert(
    fc.property(calls, fc.constantFrom(...defaultPolicies), (some, policy) => {
      // The ledger throws where more is charged than the budget has.
      const outcome = simulate(workloadOf(some), contenderOf(policy), charges);
      assert.equal(counted(outcome), some.length);
      const heldGib = Object.values(outcome.gibSeconds).reduce((sum, part) => sum + part, 0);
      assert.ok(heldGib <= dayGib);
      for (const part of Object.values(outcome.gibSeconds)) assert.ok(part >= 0);
      assert.deepEqual(simulate(workloadOf(some), contenderOf(policy), charges), outcome);
    }),
    { numRuns: 20 },
  );
  t.pass();
});
