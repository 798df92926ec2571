import t from 'tap';
import { answerPayload } from '../../../../src/api/invocation/failure.js';
import type { FunctionFailure, InvocationRequest } from '../../../../src/model/invocation.js';
import { resultFor } from '../../../support/fakeService.js';
import { functionRecord } from '../../../support/functionRecord.js';

const request: InvocationRequest = {
  requestId: 'r',
  fn: functionRecord('hello', { timeoutSeconds: 9 }),
  requestedMib: 128,
  cpuMillis: null,
  storageMib: 512,
  payload: Buffer.from('{}'),
};
const told = 'RequestId: r Error: ';
const exited = `${told}Runtime exited with error: `;

const cases: readonly [FunctionFailure, string, string][] = [
  [{ kind: 'error', errorType: 'E' }, 'E', `${told}The runtime reported an error and said no more`],
  [{ kind: 'exit', exitCode: 3, signal: null }, 'Runtime.ExitError', `${exited}exit status 3`],
  [
    { kind: 'exit', exitCode: 0, signal: null },
    'Runtime.ExitError',
    `${told}Runtime exited without providing a reason`,
  ],
  [
    { kind: 'exit', exitCode: null, signal: 'SIGSEGV' },
    'Runtime.ExitError',
    `${exited}signal: segmentation fault`,
  ],
  [
    { kind: 'exit', exitCode: null, signal: 'SIGUSR1' },
    'Runtime.ExitError',
    `${exited}signal: SIGUSR1`,
  ],
  [{ kind: 'out-of-memory' }, 'Runtime.OutOfMemory', `${exited}signal: killed`],
  [{ kind: 'timeout' }, 'Sandbox.Timedout', `${told}Task timed out after 9.00 seconds`],
  [
    { kind: 'response-too-large', bytes: 7_000_000 },
    'Function.ResponseSizeTooLarge',
    'Response payload size (7000000 bytes) exceeded maximum allowed payload size (6291456 bytes).',
  ],
];

for (const [failure, errorType, errorMessage] of cases) {
  t.test(`the words for ${JSON.stringify(failure)}`, async (t) => {
    const body = answerPayload(request, resultFor(request, { failure, payload: Buffer.alloc(0) }));
    t.same(JSON.parse(Buffer.from(body).toString()), { errorType, errorMessage });
  });
}

t.test('what the function answered, or its runtime reported, is handed on', async (t) => {
  const payload = Buffer.from('{"errorMessage":"m"}');
  t.equal(answerPayload(request, resultFor(request, { payload })), payload);
  const failure = { kind: 'error', errorType: 'E' } as const;
  t.equal(answerPayload(request, resultFor(request, { payload, failure })), payload);
  const late = answerPayload(
    request,
    resultFor(request, { payload, failure: { kind: 'timeout' } }),
  );
  t.match(Buffer.from(late).toString(), /Sandbox\.Timedout/, 'half an answer is none');
});
