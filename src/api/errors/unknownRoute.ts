/** Requests that no route serves. */
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { BallastError } from '../../model/errors.js';
import { isLambda, sendErrorByPath } from './byPath.js';

const advice = 'GET /openapi.json lists what is offered.';

/** Answers as soon as the path is known: what the body holds does not matter then. */
export async function refuseUnknownRoute(request: FastifyRequest, reply: FastifyReply) {
  if (!request.is404) return;
  const what = `${request.method} ${pathOf(request).slice(0, 200)}`;
  const refusal = isLambda(request)
    ? new BallastError(
        'NOT_IMPLEMENTED',
        `ballast does not offer this operation of the Lambda API: ${what}. ${advice}`,
      )
    : new BallastError('ROUTE_NOT_FOUND', `There is no ${what}. ${advice}`);
  return sendErrorByPath(refusal, request, reply);
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
  return sendErrorByPath(refusal, request, reply);
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?')[0] ?? '';
}
