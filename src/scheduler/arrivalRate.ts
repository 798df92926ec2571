/**
 * How often something happens, out of when it happened: the higher of what the last minute and the
 * last quarter of an hour say, so that a burst counts at once and is not forgotten at once. Pure:
 * the clock is an argument.
 */
import { type DecayingSum, nothingYet, sumAt, withMore } from './decayingSum.js';

export interface ArrivalRate {
  readonly brief: DecayingSum;
  readonly long: DecayingSum;
}

export const noArrivals: ArrivalRate = { brief: nothingYet, long: nothingYet };

const briefHalfLifeMs = 60_000;
const longHalfLifeMs = 15 * 60_000;

export function withArrival({ brief, long }: ArrivalRate, nowMs: number): ArrivalRate {
  return {
    brief: withMore(brief, 1, nowMs, briefHalfLifeMs),
    long: withMore(long, 1, nowMs, longHalfLifeMs),
  };
}

/** Arrivals in a millisecond. */
export function rateAt({ brief, long }: ArrivalRate, nowMs: number): number {
  return Math.max(meanRate(brief, nowMs, briefHalfLifeMs), meanRate(long, nowMs, longHalfLifeMs));
}

/** What arrives evenly at this rate comes to this sum in the end. */
function meanRate(of: DecayingSum, nowMs: number, halfLifeMs: number): number {
  return (sumAt(of, nowMs, halfLifeMs) * Math.LN2) / halfLifeMs;
}
