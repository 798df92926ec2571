/** The context object that a handler is called with. */

function parseClientContext(text) {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    // The caller's words are not the function's fault: it gets none rather than an error.
    return undefined;
  }
}

/**
 * @param headers of the invocation, lower-case
 * @param environment of the process
 */
export function createContext(headers, environment) {
  const deadlineMs = Number(headers['lambda-runtime-deadline-ms']);
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: environment.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: environment.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB:
      headers['ballast-runtime-memory-mib'] ?? environment.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: environment.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: environment.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: parseClientContext(headers['lambda-runtime-client-context']),
    identity: undefined,
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    awsRequestId: headers['lambda-runtime-aws-request-id'],
    getRemainingTimeInMillis: () => deadlineMs - Date.now(),
  };
}
