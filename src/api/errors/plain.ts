/** Errors in the shape of ballast's own routes. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { toBallastError } from './normalize.js';

export function sendPlainError(thrown: unknown, request: FastifyRequest, reply: FastifyReply) {
  const { code, message, details, entry, retryAfterSeconds } = toBallastError(thrown, request);
  if (retryAfterSeconds !== undefined) reply.header('retry-after', retryAfterSeconds);
  return reply
    .code(entry.status)
    .send({ error: { code, message, ...(details === undefined ? {} : { details }) } });
}
