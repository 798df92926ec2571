/**
 * Runs a task whose signal is aborted after `boundMs`, with a reason, or when `outer` is. The timer
 * holds the controller: a signal of `AbortSignal.timeout` that only `AbortSignal.any` knows is
 * collected as garbage, and never aborts.
 */
export async function boundedBy<T>(
  bound: { readonly boundMs: number; readonly reason?: Error; readonly outer?: AbortSignal },
  task: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(bound.reason), bound.boundMs);
  const signals = bound.outer === undefined ? [] : [bound.outer];
  try {
    return await task(AbortSignal.any([...signals, patience.signal]));
  } finally {
    clearTimeout(timer);
  }
}
