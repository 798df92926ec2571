/** Tells the pool how many shells to keep ready, by how often instances are started. */
import type { InstancePool } from '../pool/contract.js';
import { type ArrivalRate, noArrivals, withArrival } from './arrivalRate.js';
import { type ShellRules, shellTarget } from './shellTarget.js';

export class ShellKeeper {
  readonly #pool: Pick<InstancePool, 'keepShells'>;
  readonly #rules: ShellRules;
  readonly #starts = new Map<string, ArrivalRate>();
  readonly #wanted = new Map<string, number>();

  constructor(pool: Pick<InstancePool, 'keepShells'>, rules: ShellRules) {
    this.#pool = pool;
    this.#rules = rules;
  }

  /** An instance of the runtime is being started. */
  started(runtime: string, nowMs: number): void {
    this.#starts.set(runtime, withArrival(this.#starts.get(runtime) ?? noArrivals, nowMs));
    this.#tell(runtime, nowMs);
  }

  /** Lets go of shells that have become too many. */
  tend(nowMs: number): void {
    for (const runtime of this.#starts.keys()) this.#tell(runtime, nowMs);
  }

  #tell(runtime: string, nowMs: number): void {
    const wanted = shellTarget(this.#starts.get(runtime) ?? noArrivals, nowMs, this.#rules);
    if (this.#wanted.get(runtime) === wanted) return;
    this.#wanted.set(runtime, wanted);
    this.#pool.keepShells(runtime, wanted);
  }
}
