/** How much memory is held in which state, over time. */
export const holdings = ['starting', 'busy', 'hot', 'deflated', 'ending'] as const;

/**
 * `busy` is from the grant on, with its resize; `ending` until the host has the memory of what was
 * evicted.
 */
export type Holding = (typeof holdings)[number];

const mibPerGib = 1024;
const msPerSecond = 1000;

export class Meter {
  readonly #untilMs: number;
  readonly #mib = new Map<Holding, number>();
  readonly #mibMs = new Map<Holding, number>();
  #sinceMs = 0;

  /** @param untilMs What is held later is not counted */
  constructor(untilMs: number) {
    this.#untilMs = untilMs;
  }

  change(nowMs: number, holding: Holding, mib: number): void {
    this.#count(nowMs);
    this.#mib.set(holding, (this.#mib.get(holding) ?? 0) + mib);
  }

  gibSeconds(nowMs: number): Readonly<Record<Holding, number>> {
    this.#count(nowMs);
    const of = (holding: Holding) => (this.#mibMs.get(holding) ?? 0) / mibPerGib / msPerSecond;
    return {
      starting: of('starting'),
      busy: of('busy'),
      hot: of('hot'),
      deflated: of('deflated'),
      ending: of('ending'),
    };
  }

  #count(nowMs: number): void {
    const toMs = Math.min(nowMs, this.#untilMs);
    const forMs = toMs - this.#sinceMs;
    if (forMs <= 0) return;
    this.#sinceMs = toMs;
    for (const [holding, mib] of this.#mib) {
      this.#mibMs.set(holding, (this.#mibMs.get(holding) ?? 0) + mib * forMs);
    }
  }
}
