/**
 * Bounds the memory that request bodies take together. A package comes as base64 in JSON, so that
 * each of them is held whole, some times over, from its first byte until its answer.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { BallastError } from '../model/errors.js';
import type { Api } from './context.js';

const retryAfterSeconds = 2;

/** Refuses requests of a scope whose bodies would exceed `maxBytes`, with those that are there. */
export function boundUploads(scope: Api, maxBytes: number): void {
  const held = new Map<FastifyRequest, number>();
  let heldBytes = 0;
  const release = (request: FastifyRequest) => {
    heldBytes -= held.get(request) ?? 0;
    held.delete(request);
  };

  scope.addHook('onRequest', async (request: FastifyRequest, reply: FastifyReply) => {
    const bytes = announcedBytes(request);
    if (heldBytes + bytes > maxBytes) throw tooMany(bytes, maxBytes - heldBytes);
    held.set(request, bytes);
    heldBytes += bytes;
    // A client that goes while it sends is done with; what it sent whole is worked on all the same.
    reply.raw.once('close', () => {
      if (request.body === undefined) release(request);
    });
  });
  scope.addHook('onSend', async (request: FastifyRequest) => release(request));
}

/** A body of unknown size may be the largest; one too large is refused before it is read. */
function announcedBytes(request: FastifyRequest): number {
  const { bodyLimit } = request.routeOptions;
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
  const bytes = length === undefined ? (encoding === undefined ? 0 : bodyLimit) : Number(length);
  return bytes > bodyLimit ? 0 : bytes;
}

function tooMany(bytes: number, leftBytes: number): BallastError {
  return new BallastError(
    'UPLOADS_FULL',
    `The request has ${bytes} bytes, and other uploads leave room for ${leftBytes} now. ` +
      'Try again when they are done.',
    { retryAfterSeconds },
  );
}
