/** A distribution of which a few percentiles are known. Pure. */

/** So large a share of the values is no larger than this one. */
export interface Knot {
  readonly share: number;
  readonly value: number;
}

/**
 * How values lie between two percentiles: evenly, or so that their logarithms do. The latter suits
 * what has a long tail, which straight lines would make far too heavy.
 */
type Between = 'even' | 'logarithmic';

export class Quantiles {
  readonly #knots: readonly Knot[];
  readonly #between: Between;

  /** @param knots By rising share and value, from 0 to 1; values above 0 where logarithmic */
  constructor(knots: readonly Knot[], between: Between) {
    this.#knots = knots;
    this.#between = between;
  }

  get largest(): number {
    return this.#knots.at(-1)?.value ?? 0;
  }

  /** The value that a share of all values does not exceed. */
  at(share: number): number {
    const above = this.#knots.findIndex((knot) => knot.share >= share);
    const high = this.#knots[above];
    const low = this.#knots[above - 1];
    if (high === undefined) return this.largest;
    if (low === undefined) return high.value;
    const way = (share - low.share) / (high.share - low.share);
    if (this.#between === 'even') return low.value + (high.value - low.value) * way;
    return low.value * (high.value / low.value) ** way;
  }
}
