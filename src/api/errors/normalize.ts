/** Makes whatever was thrown while a request was served an error of the catalogue. */
import type { FastifyError, FastifyRequest } from 'fastify';
import { BallastError } from '../../model/errors.js';
import { validationMessage } from './validation.js';

export function toBallastError(error: unknown, request: FastifyRequest): BallastError {
  if (error instanceof BallastError) return error;
  if (!isFastifyError(error)) return internal(error, request);
  if (error.validation !== undefined) {
    const part = error.validationContext ?? 'request';
    const message = validationMessage({ errors: error.validation, part }, request);
    return new BallastError('INVALID_PARAMETER', message);
  }
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') return tooLarge(request);
  if (error.code.startsWith('FST_ERR_CTP') || error instanceof SyntaxError) {
    return new BallastError(
      'INVALID_PAYLOAD',
      `The request body could not be read: ${error.message}. Send one JSON object.`,
    );
  }
  if ((error.statusCode ?? 500) < 500) return new BallastError('INVALID_PARAMETER', error.message);
  return internal(error, request);
}

function isFastifyError(error: unknown): error is FastifyError {
  return error instanceof Error && typeof Reflect.get(error, 'code') === 'string';
}

function tooLarge(request: FastifyRequest): BallastError {
  const bytes = request.routeOptions.bodyLimit;
  return new BallastError(
    'PAYLOAD_TOO_LARGE',
    `The request is larger than ${bytes} bytes, the most that may be sent here.`,
  );
}

/** Nobody outside learns what went wrong inside; the log does, by the same request id. */
function internal(cause: unknown, request: FastifyRequest): BallastError {
  request.log.error({ err: cause }, 'a request failed for a fault of the service');
  return new BallastError(
    'INTERNAL',
    `The service failed at this request. Its log has the reason, under the id ${request.id}.`,
    { cause },
  );
}
