import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { boundedBy } from '../../../src/memory/bound.js';

/** Something that never comes, but for its signal. */
const never = (signal: AbortSignal) => delay(60_000, undefined, { signal, ref: false });
const reason = new Error('too late');

t.test('a task in time is its result', async (t) => {
  t.equal(await boundedBy({ boundMs: 60_000 }, async () => 'done'), 'done');
});

t.test('one that is late is aborted, for the reason given', async (t) => {
  let signal: AbortSignal | undefined;
  const late = boundedBy({ boundMs: 1, reason }, (given) => {
    signal = given;
    return never(given);
  });
  await t.rejects(late, { name: 'AbortError' });
  t.equal(signal?.reason, reason);
});

t.test('one whose caller gives up is aborted for the reason of the caller', async (t) => {
  const outer = new AbortController();
  const given = boundedBy({ boundMs: 60_000, reason, outer: outer.signal }, async (signal) => {
    await never(signal).catch(() => {});
    return signal.reason;
  });
  outer.abort('enough');
  t.equal(await given, 'enough');
});
