/** Errors in the shape that the official Lambda clients read. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { BallastError, ErrorCode } from '../../model/errors.js';
import { toBallastError } from './normalize.js';

/** The exceptions whose message is spelled with a capital in the service's model. */
const capitalized: readonly string[] = ['ResourceNotFoundException', 'ServiceException'];

const reasons: Partial<Record<ErrorCode, string>> = {
  CONCURRENCY_EXCEEDED: 'ReservedFunctionConcurrentInvocationLimitExceeded',
  QUEUE_FULL: 'ConcurrentInvocationLimitExceeded',
  QUEUE_TIMEOUT: 'ConcurrentInvocationLimitExceeded',
  UPLOADS_FULL: 'CallerRateLimitExceeded',
};

export function sendLambdaError(thrown: unknown, request: FastifyRequest, reply: FastifyReply) {
  const error = toBallastError(thrown, request);
  if (error.retryAfterSeconds !== undefined) reply.header('retry-after', error.retryAfterSeconds);
  return reply
    .code(error.entry.status)
    .header('x-amzn-errortype', error.entry.lambdaType)
    .send(bodyOf(error));
}

function bodyOf(error: BallastError): Record<string, string> {
  const { lambdaType, fault } = error.entry;
  const reason = reasons[error.code];
  return {
    Type: fault,
    [capitalized.includes(lambdaType) ? 'Message' : 'message']: error.message,
    ...(reason === undefined ? {} : { Reason: reason }),
  };
}
