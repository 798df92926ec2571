/** Lets an error handler of the API answer for a route that throws. */
import Fastify from 'fastify';
import type { sendPlainError } from '../../../../src/api/errors/plain.js';

type Handler = typeof sendPlainError;

export async function answerTo(thrown: unknown, handler: Handler) {
  const app = Fastify();
  app.setErrorHandler(handler);
  app.get('/', async () => {
    throw thrown;
  });
  const { statusCode, headers, payload } = await app.inject('/');
  await app.close();
  return { status: statusCode, headers, body: JSON.parse(payload) };
}
