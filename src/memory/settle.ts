/** Waiting for a guest to reach a size: asked anew and anew, since events come late or never. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Settling } from './elastic.js';

/**
 * QEMU throttles its own size events to one a second, so the size is asked for. So many at a time
 * that wait share this rate: what asking takes of the processor, their guests do not get.
 */
const pollMs = 1;
/** A guest whose unplug got stuck tries again by itself only after 50 s; asking again wakes it. */
const askAgainMs = 250;

let waiting = 0;

export interface SettleParts {
  /** What the guest has now. */
  readonly look: () => Promise<number>;
  /** Asks the guest once more for the same size. */
  readonly askAgain: () => Promise<void>;
}

/** Waits until the guest has `targetMib`, at most `boundMs`, and tells the size reached. */
export async function settle(
  parts: SettleParts,
  targetMib: number,
  boundMs: number,
): Promise<Settling> {
  waiting += 1;
  try {
    return await poll(parts, targetMib, boundMs);
  } finally {
    waiting -= 1;
  }
}

async function poll(
  { look, askAgain }: SettleParts,
  targetMib: number,
  boundMs: number,
): Promise<Settling> {
  const started = performance.now();
  let askedAt = started;
  for (;;) {
    const pluggedMib = await look();
    const now = performance.now();
    if (pluggedMib === targetMib) return { pluggedMib, settled: true };
    if (now - started >= boundMs) return { pluggedMib, settled: false };
    if (now - askedAt >= askAgainMs) {
      await askAgain();
      askedAt = now;
    }
    await delay(pollMs * waiting);
  }
}
