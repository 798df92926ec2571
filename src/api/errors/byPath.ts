/** Errors of requests that no scope has taken yet: their path tells in whose shape to answer. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { BallastError } from '../../model/errors.js';
import { sendLambdaError } from './lambda.js';
import { sendPlainError } from './plain.js';

/** The paths of the Lambda API begin with the date of the version that brought them. */
const lambdaPath = /^\/20\d\d-\d\d-\d\d\//;

export function sendErrorByPath(
  error: BallastError,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  return isLambda(request)
    ? sendLambdaError(error, request, reply)
    : sendPlainError(error, request, reply);
}

export function isLambda(request: FastifyRequest): boolean {
  return lambdaPath.test(request.url);
}
