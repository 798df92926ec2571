/** Whether an invocation that was killed for memory is run again, and at which size. Pure. */
import { idempotentVariable } from '../model/function.js';
import type { InvocationRequest, InvocationResult } from '../model/invocation.js';

/**
 * Twice the size at which it was killed, or the largest that there is. Null for what is not to be
 * run again: only a function whose owner says that it is idempotent may have begun its work twice.
 * @param maxMib The largest size that an instance can have
 */
export function retryMib(
  request: InvocationRequest,
  result: InvocationResult,
  maxMib: number,
): number | null {
  if (result.failure?.kind !== 'out-of-memory') return null;
  if (request.fn.environment[idempotentVariable] !== 'true') return null;
  if (request.signal?.aborted === true) return null;
  const largerMib = Math.min(request.requestedMib * 2, maxMib);
  return largerMib > request.requestedMib ? largerMib : null;
}
