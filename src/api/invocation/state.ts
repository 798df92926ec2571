/** Whether a version can be invoked. */
import { BallastError } from '../../model/errors.js';
import type { FunctionRecord } from '../../model/function.js';

/** @throws BallastError VERSION_PENDING, VERSION_FAILED */
export function checkState({ state, functionName, version }: FunctionRecord): void {
  const refusal = 'The operation cannot be performed at this time. The function is currently in';
  if (state.kind === 'pending') {
    throw new BallastError(
      'VERSION_PENDING',
      `${refusal} the following state: Pending. The snapshot of ${functionName}:${version} is ` +
        'being made: wait for its State to become Active.',
    );
  }
  if (state.kind === 'failed') {
    throw new BallastError(
      'VERSION_FAILED',
      `${refusal} the following state: Failed. ${functionName}:${version} has no snapshot: ` +
        `${state.reason} Mend that and publish another, or delete it and publish the same again.`,
    );
  }
}
