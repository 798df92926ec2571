/**
 * How long a function lay idle between two calls, in bins of a minute over four hours: the
 * histogram of "Serverless in the Wild" (Shahrad and others, USENIX ATC 2020), section 4.2.
 */

export const binMs = 60_000;
const binCount = 240;
/** With more, all counts are halved: what is long past weighs less and less. */
const maxSamples = 1024;

/** Of one bin: idle times in it are at least `fromMs` and less than `toMs`. */
export interface IdleRange {
  readonly fromMs: number;
  readonly toMs: number;
}

export class IdleHistogram {
  readonly #counts = new Uint16Array(binCount);
  /** Idle times longer than the bins reach. */
  #beyond = 0;
  #within = 0;
  /** Of the counts' squares. */
  #squares = 0;
  /** Quantiles that were asked for since the last idle time: each sweep asks for the same ones. */
  readonly #known = new Map<number, IdleRange | null>();

  get samples(): number {
    return this.#within + this.#beyond;
  }

  /** The share of idle times that were longer than four hours. */
  get beyondShare(): number {
    return this.samples === 0 ? 0 : this.#beyond / this.samples;
  }

  /** The coefficient of variation of the bins' counts: near 0 where idle times may be anything. */
  get variation(): number {
    if (this.#within === 0) return 0;
    return Math.sqrt(Math.max(0, (this.#squares * binCount) / this.#within ** 2 - 1));
  }

  record(idleMs: number): void {
    this.#known.clear();
    if (this.samples >= maxSamples) this.#halve();
    const bin = Math.floor(Math.max(0, idleMs) / binMs);
    if (bin >= binCount) {
      this.#beyond += 1;
      return;
    }
    const count = this.#counts[bin] ?? 0;
    this.#counts[bin] = count + 1;
    this.#within += 1;
    this.#squares += 2 * count + 1;
  }

  /** The bin that a share of the idle times within four hours do not exceed; null of none. */
  quantile(share: number): IdleRange | null {
    const known = this.#known.get(share);
    if (known !== undefined) return known;
    const range = this.#find(share);
    this.#known.set(share, range);
    return range;
  }

  #find(share: number): IdleRange | null {
    let left = Math.max(1, Math.ceil(this.#within * share));
    for (let bin = 0; bin < binCount; bin += 1) {
      left -= this.#counts[bin] ?? 0;
      if (left <= 0) return { fromMs: bin * binMs, toMs: (bin + 1) * binMs };
    }
    return null;
  }

  #halve(): void {
    this.#beyond = Math.floor(this.#beyond / 2);
    this.#within = 0;
    this.#squares = 0;
    for (let bin = 0; bin < binCount; bin += 1) {
      const count = Math.floor((this.#counts[bin] ?? 0) / 2);
      this.#counts[bin] = count;
      this.#within += count;
      this.#squares += count ** 2;
    }
  }
}
