/** Aborting. One listener on a signal serves all that wait for it, however many they are. */

interface Watch {
  readonly waiting: Set<() => void>;
  readonly tellAll: () => void;
}

const watches = new WeakMap<AbortSignal, Watch>();

function watch(signal: AbortSignal): Watch {
  const waiting = new Set<() => void>();
  const tellAll = () => {
    for (const listener of waiting) listener();
  };
  const made = { waiting, tellAll };
  watches.set(signal, made);
  signal.addEventListener('abort', tellAll, { once: true });
  return made;
}

/**
 * Calls the listener once, when the signal is aborted. Node.js warns of a leak where a signal has
 * more than ten listeners, and a program may well give one signal to a thousand calls.
 * @returns What takes the listener back.
 */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  const { waiting, tellAll } = watches.get(signal) ?? watch(signal);
  waiting.add(listener);
  return () => {
    waiting.delete(listener);
    if (waiting.size > 0) return;
    watches.delete(signal);
    signal.removeEventListener('abort', tellAll);
  };
}

/** Resolves after a while; rejects with the signal's reason. */
export async function sleep(durationMs: number, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  let forget: (() => void) | undefined;
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(resolve, durationMs);
    if (signal === undefined) return;
    forget = onAbort(signal, () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  }).finally(() => forget?.());
}
