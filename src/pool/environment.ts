/** The environment variables of a function. The guest adds those that only it can know. */
import type { FunctionRecord } from '../model/function.js';

export interface FunctionIdentity {
  readonly region: string;
  readonly accountId: string;
}

export function functionArn(identity: FunctionIdentity, functionName: string): string {
  return `arn:aws:lambda:${identity.region}:${identity.accountId}:function:${functionName}`;
}

export function functionEnvironment(
  identity: FunctionIdentity,
  fn: FunctionRecord,
  instanceId: string,
  requestedMib: number,
): Record<string, string> {
  const day = new Date().toISOString().slice(0, 10).replaceAll('-', '/');
  return {
    ...fn.environment,
    AWS_REGION: identity.region,
    AWS_DEFAULT_REGION: identity.region,
    AWS_EXECUTION_ENV: `AWS_Lambda_${fn.runtime}`,
    AWS_LAMBDA_FUNCTION_NAME: fn.functionName,
    AWS_LAMBDA_FUNCTION_VERSION: fn.version,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(requestedMib),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${fn.functionName}`,
    AWS_LAMBDA_LOG_STREAM_NAME: `${day}/[${fn.version}]${instanceId}`,
  };
}
