import t from 'tap';
import { checkState } from '../../../../src/api/invocation/state.js';
import { functionRecord } from '../../../support/functionRecord.js';

t.test('only what is active is invoked', async (t) => {
  const version = '3';
  t.doesNotThrow(() => checkState(functionRecord('hello', { version })));
  t.throws(() => checkState(functionRecord('hello', { version, state: { kind: 'pending' } })), {
    code: 'VERSION_PENDING',
    message: /^The operation cannot be performed .* state: Pending\. .*hello:3.*wait for/,
  });
  const state = { kind: 'failed', fault: 'function', reason: 'Error: no.' } as const;
  t.throws(() => checkState(functionRecord('hello', { version, state })), {
    code: 'VERSION_FAILED',
    message:
      /following state: Failed\. hello:3 .*Error: no\. Mend that and publish another, or delete it/,
  });
});
