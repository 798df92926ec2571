/** How the Lambda API shows a version of a function. */
import { type FunctionRecord, isSnapStarted, type VersionState } from '../model/function.js';
import { type FunctionIdentity, functionArn } from '../model/identity.js';
import type { FunctionConfiguration } from './schemas/function.js';

/** @param naming `qualified` where the ARN is to name the version */
export function functionView(
  fn: FunctionRecord,
  identity: FunctionIdentity,
  naming: 'unqualified' | 'qualified' = 'unqualified',
): FunctionConfiguration {
  const hasEnvironment = Object.keys(fn.environment).length > 0;
  const qualifier = naming === 'qualified' ? fn.version : undefined;
  return {
    FunctionName: fn.functionName,
    FunctionArn: functionArn(identity, fn.functionName, qualifier),
    Runtime: fn.runtime,
    Role: fn.role,
    Handler: fn.handler,
    CodeSize: fn.code.zipBytes,
    Description: fn.description,
    Timeout: fn.timeoutSeconds,
    MemorySize: fn.memoryMib,
    LastModified: fn.lastModified,
    CodeSha256: Buffer.from(fn.code.sha256, 'hex').toString('base64'),
    Version: fn.version,
    ...(hasEnvironment ? { Environment: { Variables: fn.environment } } : {}),
    TracingConfig: { Mode: 'PassThrough' },
    RevisionId: fn.revisionId,
    ...stateView(fn.state),
    PackageType: 'Zip',
    Architectures: ['x86_64'],
    EphemeralStorage: { Size: fn.ephemeralMib },
    SnapStart: { ApplyOn: fn.snapStart, OptimizationStatus: isSnapStarted(fn) ? 'On' : 'Off' },
  };
}

type StateView = Pick<
  FunctionConfiguration,
  | 'State'
  | 'StateReason'
  | 'StateReasonCode'
  | 'LastUpdateStatus'
  | 'LastUpdateStatusReason'
  | 'LastUpdateStatusReasonCode'
>;

function stateView(state: VersionState): StateView {
  switch (state.kind) {
    case 'active':
      return { State: 'Active', LastUpdateStatus: 'Successful' };
    case 'pending': {
      const reason = 'The function is being created.';
      return { State: 'Pending', StateReason: reason, StateReasonCode: 'Creating' };
    }
    case 'failed': {
      const { reason } = state;
      const code = state.fault === 'function' ? 'FunctionError' : 'InternalError';
      return {
        State: 'Failed',
        StateReason: reason,
        StateReasonCode: code,
        LastUpdateStatus: 'Failed',
        LastUpdateStatusReason: reason,
        LastUpdateStatusReasonCode: code,
      };
    }
  }
}
