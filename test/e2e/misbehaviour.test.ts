/** Whatever a function does, its caller gets an answer, and the next invocation works. */
import t, { type Test } from 'tap';
import { openLive } from './live.js';

const live = await openLive(t);
live.defaults = { cpuMillis: 1000 };
const Runtime = await live.runtime('nodejs');
await live.deploy('misbehave', 'misbehave.mjs', {
  Runtime,
  Handler: 'misbehave.handler',
  Timeout: 180,
});
await live.deploy('hasty', 'misbehave.mjs', {
  Runtime,
  Handler: 'misbehave.handler',
  Timeout: 15,
});

/** What fails leaves its VM as it is: the next invocation has the same one. */
async function servesAgain(t: Test, name: string, instanceId: string): Promise<void> {
  const next = await live.invoke(name, { deed: 'answer' });
  t.match(next, { status: 200, functionError: null, body: { pid: Number } });
  t.match(next.receipt, { instanceId, start: 'warm' });
}

t.test('a handler that throws', async (t) => {
  const answer = await live.invoke('misbehave', { deed: 'throw' });
  t.match(answer, {
    status: 200,
    functionError: 'Unhandled',
    body: { errorType: 'TypeError', errorMessage: 'no such luck', trace: Array },
  });
  await servesAgain(t, 'misbehave', answer.receipt.instanceId);
});

t.test('a runtime that ends after its answer takes nothing of the next invocation', async (t) => {
  for (let turn = 0; turn < 3; turn += 1) {
    const answer = await live.invoke('misbehave', { deed: 'throwLater' });
    t.match(answer, { functionError: 'Unhandled', body: { errorMessage: /much later/ } });
    await servesAgain(t, 'misbehave', answer.receipt.instanceId);
  }
});

t.test('a runtime that exits', async (t) => {
  const answer = await live.invoke('misbehave', { deed: 'exit' });
  t.match(answer, {
    status: 200,
    functionError: 'Unhandled',
    body: { errorType: 'Runtime.ExitError', errorMessage: /exit status 3$/ },
  });
  await servesAgain(t, 'misbehave', answer.receipt.instanceId);
});

t.test('an answer of 7 MB', async (t) => {
  const answer = await live.invoke('misbehave', { deed: 'answerLarge' });
  t.match(answer, {
    status: 200,
    functionError: 'Unhandled',
    body: { errorType: 'Function.ResponseSizeTooLarge' },
  });
  await servesAgain(t, 'misbehave', answer.receipt.instanceId);
});

t.test('a log of 100 MB', async (t) => {
  const answer = await live.invoke('misbehave', { deed: 'print' });
  t.match(answer, { status: 200, functionError: null, body: 'printed' });
  t.ok(Buffer.byteLength(answer.log) <= 4096);
  t.match(answer.log, /^x+\nEND RequestId: .*\nREPORT RequestId: .*\n$/);
  await servesAgain(t, 'misbehave', answer.receipt.instanceId);
});

/** What comes with 128 MiB. */
const forkMillis = 72;

for (const deed of ['spin', 'fork']) {
  t.test(`a handler that overruns its timeout: ${deed}`, async (t) => {
    // With a whole processor, what forks without end is out of memory before it is out of time.
    const share = deed === 'fork' ? { cpuMillis: forkMillis } : {};
    const answer = await live.invoke('hasty', { deed }, share);
    t.match(answer, {
      status: 200,
      functionError: 'Unhandled',
      body: { errorType: 'Sandbox.Timedout', errorMessage: /Task timed out after 15\.00 seconds$/ },
      log: /\tStatus: timeout\n$/,
    });
    await servesAgain(t, 'hasty', answer.receipt.instanceId);
  });
}

t.test('a handler that there is not', async (t) => {
  await live.deploy('nameless', 'misbehave.mjs', { Runtime, Handler: 'misbehave.nobody' });
  const answer = await live.invoke('nameless', {});
  t.match(answer, {
    status: 200,
    functionError: 'Unhandled',
    body: { errorType: 'Runtime.HandlerNotFound', errorMessage: /nobody/ },
  });
});

t.test('a caller that goes away', async (t) => {
  const leaving = new AbortController();
  const gone = live.invoke('misbehave', { deed: 'wait', ms: 1000 }, { signal: leaving.signal });
  setTimeout(() => leaving.abort(), 200);
  await t.rejects(gone, { name: 'AbortError' });
  const next = await live.invoke('misbehave', { deed: 'answer' });
  t.match(next, { status: 200, functionError: null });
});
