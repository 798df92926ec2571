/** What became of the calls of a day. */

export interface Served {
  /** Whether an instance was started for it. */
  readonly isCold: boolean;
  /** From its arrival until it was granted an instance. */
  readonly queuedMs: number;
  /** From its arrival until it ran: for room, a start or a resize. */
  readonly delayMs: number;
}

/** Each call is counted once: as warm, cold, refused or timed out. */
export interface Counts {
  readonly warm: number;
  readonly cold: number;
  /** As many waited as may. */
  readonly refused: number;
  /** It waited for as long as it may. */
  readonly timedOut: number;
  /** Of those served, how many had to wait for an instance or for room to start one. */
  readonly queued: number;
  /** Of those served. */
  readonly meanDelayMs: number;
  readonly delay99Ms: number;
}

export class Tally {
  readonly #delaysMs: number[] = [];
  #cold = 0;
  #queued = 0;
  #refused = 0;
  #timedOut = 0;

  served({ isCold, queuedMs, delayMs }: Served): void {
    this.#delaysMs.push(delayMs);
    if (isCold) this.#cold += 1;
    if (queuedMs > 0) this.#queued += 1;
  }

  refused(): void {
    this.#refused += 1;
  }

  timedOut(): void {
    this.#timedOut += 1;
  }

  counts(): Counts {
    const sorted = Float64Array.from(this.#delaysMs).sort();
    const sumMs = sorted.reduce((sum, delayMs) => sum + delayMs, 0);
    return {
      warm: sorted.length - this.#cold,
      cold: this.#cold,
      refused: this.#refused,
      timedOut: this.#timedOut,
      queued: this.#queued,
      meanDelayMs: sorted.length === 0 ? 0 : sumMs / sorted.length,
      delay99Ms: sorted[Math.ceil(sorted.length * 0.99) - 1] ?? 0,
    };
  }
}
