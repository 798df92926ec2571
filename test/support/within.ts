const longestMs = 30_000;

/**
 * Waits for something that libvirt's events bring about. A subscription does not keep the process
 * alive, so without a timer a test that waits for one would end before the event comes; the timer
 * also gives the wait a bound and a name.
 */
export async function within<T>(what: string, awaited: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not within ${longestMs} ms`)), longestMs);
  });
  try {
    return await Promise.race([awaited, late]);
  } finally {
    clearTimeout(timer);
  }
}
