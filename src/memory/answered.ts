import { BallastError } from '../model/errors.js';
import { boundedBy } from './bound.js';

/**
 * Runs what waits for QEMU. One that hangs is given up, and with it the instance.
 * @throws BallastError INSTANCE_LOST after `boundMs`
 */
export function answered<T>(
  boundMs: number,
  task: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const reason = new BallastError('INSTANCE_LOST', `QEMU did not answer within ${boundMs} ms.`);
  return boundedBy({ boundMs, reason }, task);
}
