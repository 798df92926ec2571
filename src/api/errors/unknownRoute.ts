import type { FastifyReply, FastifyRequest } from 'fastify';
import { BallastError } from '../../model/errors.js';
import { sendLambdaError } from './lambda.js';
import { sendPlainError } from './plain.js';

/** The paths of the Lambda API begin with the date of the version that brought them. */
const lambdaPath = /^\/20\d\d-\d\d-\d\d\//;

export function refuseUnknownRoute(request: FastifyRequest, reply: FastifyReply) {
  const path = request.url.split('?')[0] ?? '';
  const what = `${request.method} ${path.slice(0, 200)}`;
  const advice = 'GET /openapi.json lists what is offered.';
  if (lambdaPath.test(path)) {
    const message = `ballast does not offer this operation of the Lambda API: ${what}. ${advice}`;
    return sendLambdaError(new BallastError('NOT_IMPLEMENTED', message), request, reply);
  }
  const message = `There is no ${what}. ${advice}`;
  return sendPlainError(new BallastError('ROUTE_NOT_FOUND', message), request, reply);
}
