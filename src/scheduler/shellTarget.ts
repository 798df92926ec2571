/** How many shells to keep ready. Pure. */
import { type ArrivalRate, rateAt } from './arrivalRate.js';

export interface ShellRules {
  /** What it takes to put a new shell in the place of one that was taken. */
  readonly refillMs: number;
  readonly minShells: number;
  readonly maxShells: number;
  /** How often more may be taken within `refillMs` than were ready, as a share; above 0. */
  readonly missShare: number;
}

/**
 * So many that no more are taken while they are replaced, but for `missShare` of the time. Cold
 * starts are taken to come independently of each other (Poisson).
 * @param coldStarts Of one template
 * @param nowMs On the clock of `coldStarts`
 */
export function shellTarget(coldStarts: ArrivalRate, nowMs: number, rules: ShellRules): number {
  const { refillMs, minShells, maxShells, missShare } = rules;
  const taken = rateAt(coldStarts, nowMs) * refillMs;
  let shells = minShells;
  while (shells < maxShells && moreThan(shells, taken) > missShare) shells += 1;
  return Math.min(shells, maxShells);
}

/** The probability of more than so many arrivals where `mean` are expected. */
function moreThan(count: number, mean: number): number {
  let exactly = Math.exp(-mean);
  let upTo = 0;
  for (let n = 0; n <= count; n += 1) {
    upTo += exactly;
    exactly *= mean / (n + 1);
  }
  return 1 - upTo;
}
