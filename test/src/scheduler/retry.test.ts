import t from 'tap';
import type { FunctionFailure } from '../../../src/model/invocation.js';
import { retryMib } from '../../../src/scheduler/retry.js';
import { resultFor } from '../../support/fakeService.js';
import { functionRecord } from '../../support/functionRecord.js';
import { requestFor } from './harness.js';

const idempotent = functionRecord('f', { environment: { BALLAST_IDEMPOTENT: 'true' } });
const killed: FunctionFailure = { kind: 'out-of-memory' };

function retryOf(fn = idempotent, failure: FunctionFailure | null = killed, requestedMib = 128) {
  const request = requestFor(fn, requestedMib);
  return retryMib(request, resultFor(request, { failure }), 1000);
}

t.test('what was killed for memory is run again at twice the size', async (t) => {
  t.equal(retryOf(), 256);
  t.equal(retryOf(idempotent, killed, 600), 1000, 'or at the largest that there is');
  t.equal(retryOf(idempotent, killed, 1000), null);
});

t.test('what ended otherwise is not', async (t) => {
  t.equal(retryOf(idempotent, null), null);
  t.equal(retryOf(idempotent, { kind: 'timeout' }), null);
  t.equal(retryOf(idempotent, { kind: 'exit', exitCode: null, signal: 'SIGKILL' }), null);
});

t.test('nor what may not be done twice', async (t) => {
  t.equal(retryOf(functionRecord('f')), null);
  const said = functionRecord('f', { environment: { BALLAST_IDEMPOTENT: 'false' } });
  t.equal(retryOf(said), null);
});

t.test('nor what nobody waits for any more', async (t) => {
  const request = requestFor(idempotent, 128, AbortSignal.abort());
  t.equal(retryMib(request, resultFor(request, { failure: killed }), 1000), null);
});
