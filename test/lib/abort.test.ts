import { getEventListeners } from 'node:events';
import t, { type Test } from 'tap';
import { onAbort, sleep } from '../../lib/abort.js';
import { connect } from '../../lib/index.js';
import { openFullDomain } from '../support/fullDomain.js';
import { testUri } from '../support/testDriver.js';

const listenersOf = (signal: AbortSignal) => getEventListeners(signal, 'abort').length;

/** Collects the warnings that Node.js gives for as long as the test runs. */
function collectWarnings(t: Test): Error[] {
  const warnings: Error[] = [];
  const collect = (warning: Error) => warnings.push(warning);
  process.on('warning', collect);
  t.teardown(() => process.off('warning', collect));
  return warnings;
}

t.test('one listener on a signal serves all that wait', async (t) => {
  const controller = new AbortController();
  const { signal } = controller;
  const called: string[] = [];
  const forgetFirst = onAbort(signal, () => called.push('first'));
  onAbort(signal, () => called.push('second'));
  t.equal(listenersOf(signal), 1);
  forgetFirst();
  t.equal(listenersOf(signal), 1);
  controller.abort();
  t.same(called, ['second']);
});

t.test('nothing is left on a signal that nobody waits for', async (t) => {
  const { signal } = new AbortController();
  const forget = onAbort(signal, () => t.fail('it was taken back'));
  forget();
  forget();
  t.equal(listenersOf(signal), 0);
  await sleep(1, signal);
  t.equal(listenersOf(signal), 0);
  onAbort(signal, () => undefined);
  t.equal(listenersOf(signal), 1, 'it can be waited for again');
});

t.test('a sleep ends with its reason', async (t) => {
  const reason = new Error('enough');
  const controller = new AbortController();
  const sleeping = sleep(60_000, controller.signal);
  controller.abort(reason);
  await t.rejects(sleeping, reason);
  await t.rejects(sleep(0, controller.signal), reason);
});

t.test('calls, loops and streams may share a signal without a warning', async (t) => {
  const warnings = collectWarnings(t);
  const { domain } = await openFullDomain(t);
  await using connection = await connect(testUri);
  const reason = new Error('enough');
  const controller = new AbortController();
  const { signal } = controller;
  const shared = Array.from({ length: 12 });
  const calls = shared.map(() => domain.info({ signal }));
  await Promise.all(calls);
  t.equal(listenersOf(signal), 0, 'the calls are over');
  const streams = await Promise.all(
    shared.map(async () => (await domain.consoles.screenshot(0, { signal })).stream),
  );
  const failed = streams.map((stream) => new Promise((resolve) => stream.once('error', resolve)));
  const loops = shared.map(() => connection.events('lifecycle', { signal }).next());
  t.equal(listenersOf(signal), 1);
  const ended = Promise.allSettled(loops);
  controller.abort(reason);
  t.same(
    await Promise.all(failed),
    streams.map(() => reason),
  );
  for (const result of await ended) t.match(result, { status: 'rejected', reason });
  t.equal(listenersOf(signal), 0);
  t.same(warnings, []);
});
