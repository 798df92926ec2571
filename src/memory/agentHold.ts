/**
 * Elastic memory by the in-guest agent: the guest boots with all of it, and the agent holds what is
 * claimed, zeroed and locked. The literal form of the idea, for guests with neither device.
 */
import { readFile } from 'node:fs/promises';
import type { Elastic, Settling } from './elastic.js';
import { settle } from './settle.js';

const bytesPerMib = 1024 * 1024;
/** 1 where the kernel merges equal pages, which is how the host gets back what the agent holds. */
const mergingFile = '/sys/kernel/mm/ksm/run';

/** The guest's half: `AgentClient` has it. */
export interface Holder {
  /** Tells what the agent holds when it stopped, in bytes. */
  hold(bytes: number): Promise<number>;
}

export class AgentHold implements Elastic {
  readonly mechanism = 'process';
  readonly #agent: Holder;
  readonly #maxMib: number;
  #heldMib = 0;
  #askedMib: number | null = null;

  /** @param maxMib What the guest booted with besides its floor. */
  constructor(agent: Holder, maxMib: number) {
    this.#agent = agent;
    this.#maxMib = maxMib;
  }

  get askedMib(): number | null {
    return this.#askedMib;
  }

  async pluggedMib(): Promise<number> {
    return this.#maxMib - this.#heldMib;
  }

  async request(pluggedMib: number): Promise<void> {
    this.#askedMib = null;
    await this.#hold(pluggedMib);
    this.#askedMib = pluggedMib;
  }

  /** The agent works for a part of a second at a time, and is asked until it holds enough. */
  settle(targetMib: number, boundMs: number): Promise<Settling> {
    const look = async () => {
      if ((await this.pluggedMib()) !== targetMib) await this.#hold(targetMib);
      return this.pluggedMib();
    };
    return settle({ look, askAgain: async () => {} }, targetMib, boundMs);
  }

  /** It asks the agent alone. */
  rebind(): void {}

  async returnsMemory(): Promise<boolean> {
    return (await readFile(mergingFile, 'utf8').catch(() => '0')).trim() === '1';
  }

  async #hold(pluggedMib: number): Promise<void> {
    const heldBytes = await this.#agent.hold((this.#maxMib - pluggedMib) * bytesPerMib);
    // A guest may lie: more than it was asked to hold, or less than nothing, is neither.
    this.#heldMib = Math.min(this.#maxMib, Math.floor(heldBytes / bytesPerMib));
  }
}
