/** A sum in which what was added weighs less and less. Pure: the clock is an argument. */

export interface DecayingSum {
  readonly sum: number;
  /** When that was what it says. */
  readonly atMs: number;
}

export const nothingYet: DecayingSum = { sum: 0, atMs: 0 };

/** What the sum has come to. Time that runs backwards stands still. */
export function sumAt({ sum, atMs }: DecayingSum, nowMs: number, halfLifeMs: number): number {
  return sum * 0.5 ** (Math.max(0, nowMs - atMs) / halfLifeMs);
}

export function withMore(
  of: DecayingSum,
  more: number,
  nowMs: number,
  halfLifeMs: number,
): DecayingSum {
  return { sum: sumAt(of, nowMs, halfLifeMs) + more, atMs: Math.max(of.atMs, nowMs) };
}
