/** What the caller reads when a function failed, in Lambda's words. */
import type {
  FunctionFailure,
  InvocationRequest,
  InvocationResult,
} from '../../model/invocation.js';
import { limits } from '../../model/limits.js';

interface FailurePayload {
  readonly errorType: string;
  readonly errorMessage: string;
}

/** Signals as Lambda's log names them. */
const signalWords: Readonly<Record<string, string>> = {
  SIGABRT: 'aborted',
  SIGBUS: 'bus error',
  SIGFPE: 'floating point exception',
  SIGILL: 'illegal instruction',
  SIGKILL: 'killed',
  SIGSEGV: 'segmentation fault',
  SIGTERM: 'terminated',
};

/** The answer's body: what the function answered, or the error object of its failure. */
export function answerPayload(request: InvocationRequest, result: InvocationResult): Uint8Array {
  const { failure, payload } = result;
  if (failure === null || (failure.kind === 'error' && payload.length > 0)) return payload;
  return Buffer.from(JSON.stringify(failurePayload(request, failure)));
}

function failurePayload(request: InvocationRequest, failure: FunctionFailure): FailurePayload {
  const told = (message: string) => `RequestId: ${request.requestId} Error: ${message}`;
  const errorType = errorTypeOf(failure);
  switch (failure.kind) {
    case 'error':
      return { errorType, errorMessage: told('The runtime reported an error and said no more') };
    case 'exit':
      return { errorType, errorMessage: told(exitMessage(failure)) };
    case 'out-of-memory':
      return { errorType, errorMessage: told('Runtime exited with error: signal: killed') };
    case 'timeout':
      return { errorType, errorMessage: told(timeoutMessage(request)) };
    case 'response-too-large':
      return {
        errorType,
        errorMessage:
          `Response payload size (${failure.bytes} bytes) exceeded maximum allowed payload size ` +
          `(${limits.maxPayloadBytes} bytes).`,
      };
  }
}

export function errorTypeOf(failure: FunctionFailure): string {
  switch (failure.kind) {
    case 'error':
      return failure.errorType;
    case 'exit':
      return 'Runtime.ExitError';
    case 'out-of-memory':
      return 'Runtime.OutOfMemory';
    case 'timeout':
      return 'Sandbox.Timedout';
    case 'response-too-large':
      return 'Function.ResponseSizeTooLarge';
  }
}

export function timeoutMessage(request: InvocationRequest): string {
  return `Task timed out after ${request.fn.timeoutSeconds.toFixed(2)} seconds`;
}

function exitMessage(exit: Extract<FunctionFailure, { kind: 'exit' }>): string {
  if (exit.signal !== null) {
    const word = signalWords[exit.signal] ?? exit.signal;
    return `Runtime exited with error: signal: ${word}`;
  }
  if (exit.exitCode === 0) return 'Runtime exited without providing a reason';
  return `Runtime exited with error: exit status ${exit.exitCode}`;
}
