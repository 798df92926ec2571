/** Why an agent would not change the storage, in the words of whoever asked for it. Pure. */
import { AgentFailure } from '../agent/channel.js';
import { BallastError } from '../model/errors.js';

const bytesPerMib = 1024 * 1024;

export function storageRefusal(
  error: unknown,
  asked: { readonly fromMib: number; readonly storageMib: number },
): unknown {
  if (!(error instanceof AgentFailure)) return error;
  const { fromMib, storageMib } = asked;
  if (error.code === 'busy') {
    const message = 'The function is at work, so its storage cannot change. Try again.';
    return new BallastError('INSTANCE_BUSY', message, { cause: error });
  }
  if (error.code !== 'storage-held') return error;
  const usedMib = Math.ceil((error.heldBytes ?? 0) / bytesPerMib);
  const message =
    `The function's files take ${usedMib} MiB of /tmp, so its storage cannot shrink to ` +
    `${storageMib} MiB; it stays at ${fromMib} MiB. Ask for more than they take, or evict the ` +
    'instance.';
  return new BallastError('STORAGE_HELD', message, {
    cause: error,
    details: { storageMib: fromMib, usedMib },
  });
}
