import { onAbort } from './abort.js';
import { rebuildError } from './errors.js';
import { native } from './native.js';
import type { NativeCancelToken } from './native-types.js';

/** Options of every asynchronous call. */
export interface CallOptions {
  /**
   * Rejects the call with the signal's reason. One that has not begun is not made. libvirt cannot
   * interrupt one that has: it goes on, and its result is dropped.
   */
  readonly signal?: AbortSignal | undefined;
}

/** Makes a native call, with its errors rebuilt and its signal heeded. */
export async function call<T>(
  signal: AbortSignal | undefined,
  start: (token: NativeCancelToken | undefined) => Promise<T>,
): Promise<T> {
  try {
    return signal === undefined ? await start(undefined) : await abortable(signal, start);
  } catch (error) {
    throw rebuildError(error);
  }
}

async function abortable<T>(
  signal: AbortSignal,
  start: (token: NativeCancelToken) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const token = new native.CancelToken();
  const result = start(token);
  let forget: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    forget = onAbort(signal, () => {
      reject(signal.reason);
      token.cancel();
    });
  });
  try {
    return await Promise.race([aborted, result]);
  } finally {
    forget?.();
  }
}
