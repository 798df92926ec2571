/** The environment variables of a function. The guest adds those that only it can know. */
import type { FunctionRecord } from '../model/function.js';
import type { FunctionIdentity } from '../model/identity.js';

/** What the guest alone can know. The function's own environment must not get in its way. */
const guestVariables = new Set([
  '_HANDLER',
  'AWS_LAMBDA_RUNTIME_API',
  'LAMBDA_RUNTIME_DIR',
  'LAMBDA_TASK_ROOT',
]);

/**
 * @param initialization `snap-start` where the runtime is initialised for a snapshot: it waits to
 * be restored then, before it asks for its first invocation
 */
export function functionEnvironment(
  identity: FunctionIdentity,
  fn: FunctionRecord,
  instanceId: string,
  requestedMib: number,
  initialization: 'on-demand' | 'snap-start' = 'on-demand',
): Record<string, string> {
  const own = Object.entries(fn.environment).filter(([name]) => !guestVariables.has(name));
  return {
    ...Object.fromEntries(own),
    AWS_REGION: identity.region,
    AWS_DEFAULT_REGION: identity.region,
    AWS_EXECUTION_ENV: `AWS_Lambda_${fn.runtime}`,
    AWS_LAMBDA_FUNCTION_NAME: fn.functionName,
    AWS_LAMBDA_FUNCTION_VERSION: fn.version,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(requestedMib),
    AWS_LAMBDA_INITIALIZATION_TYPE: initialization,
    ...(initialization === 'snap-start' ? {} : logVariables(fn, instanceId)),
  };
}

/** An environment that is part of a snapshot cannot name the instances that are to come of it. */
function logVariables(fn: FunctionRecord, instanceId: string): Record<string, string> {
  const day = new Date().toISOString().slice(0, 10).replaceAll('-', '/');
  return {
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${fn.functionName}`,
    AWS_LAMBDA_LOG_STREAM_NAME: `${day}/[${fn.version}]${instanceId}`,
  };
}
