import t from 'tap';
import { functionView } from '../../../src/api/functionView.js';
import type { FunctionRecord } from '../../../src/model/function.js';
import { functionRecord } from '../../support/functionRecord.js';

const identity = { region: 'us-east-1', accountId: '123456789012' };
const view = (changes: Partial<FunctionRecord>) =>
  functionView(functionRecord('hello', changes), identity);

t.test('the ARN has the version where that was named', async (t) => {
  const arn = 'arn:aws:lambda:us-east-1:123456789012:function:hello';
  const fn = functionRecord('hello', { version: '3' });
  t.equal(functionView(fn, identity).FunctionArn, arn);
  t.equal(functionView(fn, identity, 'qualified').FunctionArn, `${arn}:3`);
  const latest = functionView(functionRecord('hello'), identity, 'qualified');
  t.equal(latest.FunctionArn, `${arn}:$LATEST`);
});

t.test('only published versions are optimised', async (t) => {
  const snapStart = 'PublishedVersions';
  t.same(view({ version: '1', snapStart }).SnapStart, {
    ApplyOn: snapStart,
    OptimizationStatus: 'On',
  });
  t.same(view({ snapStart }).SnapStart, { ApplyOn: snapStart, OptimizationStatus: 'Off' });
  t.same(view({ version: '1' }).SnapStart, { ApplyOn: 'None', OptimizationStatus: 'Off' });
});

t.test('states in the words of Lambda', async (t) => {
  const stateOf = (state: FunctionRecord['state']) =>
    Object.fromEntries(Object.entries(view({ state })).filter(([name]) => /Stat(e|us)/.test(name)));
  t.same(stateOf({ kind: 'active' }), { State: 'Active', LastUpdateStatus: 'Successful' });
  t.same(stateOf({ kind: 'pending' }), {
    State: 'Pending',
    StateReason: 'The function is being created.',
    StateReasonCode: 'Creating',
  });
  t.same(stateOf({ kind: 'failed', fault: 'function', reason: 'It threw.' }), {
    State: 'Failed',
    StateReason: 'It threw.',
    StateReasonCode: 'FunctionError',
    LastUpdateStatus: 'Failed',
    LastUpdateStatusReason: 'It threw.',
    LastUpdateStatusReasonCode: 'FunctionError',
  });
  const failed = stateOf({ kind: 'failed', fault: 'service', reason: 'There was no room.' });
  t.equal(failed.StateReasonCode, 'InternalError');
});
