/**
 * What one pass over the waiting requests of a function has refused. In a pass there is less and
 * less to give, so whoever needs as much of the same revision need not be placed.
 */
export class Refusals {
  /** The least charge that was refused, by revision. */
  readonly #leastMib = new Map<string, number>();

  /** Notes the refusal of a request that would have taken any instance of its revision. */
  note(revisionId: string, chargeMib: number): void {
    const leastMib = this.#leastMib.get(revisionId) ?? chargeMib;
    this.#leastMib.set(revisionId, Math.min(chargeMib, leastMib));
  }

  /** Whether as much, or less, was refused before. */
  covers(revisionId: string, chargeMib: number): boolean {
    const leastMib = this.#leastMib.get(revisionId);
    return leastMib !== undefined && leastMib <= chargeMib;
  }
}
