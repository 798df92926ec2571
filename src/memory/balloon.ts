/** Elastic memory by a balloon: the guest boots with all of it, and its driver gives pages back. */
import type { Domain } from '../../lib/index.js';
import { answered } from './answered.js';
import { answerMs, type Elastic, type Settling } from './elastic.js';
import { settle } from './settle.js';

const kibPerMib = 1024;

export class Balloon implements Elastic {
  readonly mechanism = 'balloon';
  #domain: Domain;
  readonly #floorMib: number;
  #askedMib: number | null;

  /**
   * @param floorMib What the guest keeps at the least; the balloon's target is on top of it.
   * @param askedMib The wish that the domain was created with.
   */
  constructor(domain: Domain, floorMib: number, askedMib: number) {
    this.#domain = domain;
    this.#floorMib = floorMib;
    this.#askedMib = askedMib;
  }

  get askedMib(): number | null {
    return this.#askedMib;
  }

  pluggedMib(): Promise<number> {
    return answered(answerMs, (signal) => this.#pluggedMib(signal));
  }

  request(pluggedMib: number): Promise<void> {
    return answered(answerMs, (signal) => this.#request(pluggedMib, signal));
  }

  settle(targetMib: number, boundMs: number): Promise<Settling> {
    return answered(boundMs + answerMs, (signal) => {
      const look = () => this.#pluggedMib(signal);
      // The driver itself tries again every 200 ms, for as long as there is a difference.
      const askAgain = async () => {};
      return settle({ look, askAgain }, targetMib, boundMs);
    });
  }

  rebind(domain: Domain): void {
    this.#domain = domain;
  }

  /** QEMU discards each page as it comes; how many came is the guest's word. */
  async returnsMemory(): Promise<boolean> {
    return true;
  }

  /** Whole MiB, rounded up: what the balloon is about to take is the guest's still. */
  async #pluggedMib(signal: AbortSignal): Promise<number> {
    const currentKib = await this.#domain.memory.balloon.readCurrentKib({ signal });
    return Math.max(0, Math.ceil(currentKib / kibPerMib) - this.#floorMib);
  }

  async #request(pluggedMib: number, signal: AbortSignal): Promise<void> {
    this.#askedMib = null;
    const targetKib = (this.#floorMib + pluggedMib) * kibPerMib;
    await this.#domain.memory.balloon.setTarget(targetKib, { signal });
    this.#askedMib = pluggedMib;
  }
}
