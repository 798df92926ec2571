/** Requests that no route serves. */
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { BallastError } from '../../model/errors.js';
import { sendLambdaError } from './lambda.js';
import { sendPlainError } from './plain.js';

/** The paths of the Lambda API begin with the date of the version that brought them. */
const lambdaPath = /^\/20\d\d-\d\d-\d\d\//;
const advice = 'GET /openapi.json lists what is offered.';

/** Answers as soon as the path is known: what the body holds does not matter then. */
export async function refuseUnknownRoute(request: FastifyRequest, reply: FastifyReply) {
  if (!request.is404) return;
  const what = `${request.method} ${pathOf(request).slice(0, 200)}`;
  if (isLambda(request)) {
    const message = `ballast does not offer this operation of the Lambda API: ${what}. ${advice}`;
    return sendLambdaError(new BallastError('NOT_IMPLEMENTED', message), request, reply);
  }
  const message = `There is no ${what}. ${advice}`;
  return sendPlainError(new BallastError('ROUTE_NOT_FOUND', message), request, reply);
}

/** Answers to paths that cannot be decoded, and to names that are longer than any can be. */
export function refuseUnroutable(
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
) {
  const fault =
    error.code === 'FST_ERR_MAX_PARAM_LENGTH' ? 'has too long a part' : 'cannot be decoded';
  const shown = pathOf(request).slice(0, 200);
  const refusal = new BallastError('INVALID_PARAMETER', `The path ${shown} ${fault}. ${advice}`);
  // No hook runs for such a request.
  reply.header('x-amzn-requestid', request.id);
  return isLambda(request)
    ? sendLambdaError(refusal, request, reply)
    : sendPlainError(refusal, request, reply);
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?')[0] ?? '';
}

function isLambda(request: FastifyRequest): boolean {
  return lambdaPath.test(pathOf(request));
}
