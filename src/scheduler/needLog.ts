/**
 * The needs of all functions, and their way to the store: noted in memory, written from time to
 * time, so that no invocation waits for a disk. A service that is killed loses the latest.
 */
import type { Logger } from 'pino';
import type { NeedStore, Needs, Sizing } from '../model/needs.js';
import { sizingOf, withNeed } from './needs.js';

const writeMs = 5_000;

export class NeedLog {
  readonly #store: NeedStore;
  readonly #logger: Logger;
  readonly #needs: Map<string, Needs>;
  /** Functions whose needs the store does not have. */
  readonly #changed = new Set<string>();
  readonly #writer: NodeJS.Timeout;

  constructor(store: NeedStore, logger: Logger) {
    this.#store = store;
    this.#logger = logger;
    this.#needs = new Map(store.load());
    this.#writer = setInterval(() => this.#write(), writeMs).unref();
  }

  note(functionName: string, needMib: number): void {
    this.#needs.set(functionName, withNeed(this.#needs.get(functionName) ?? [], needMib));
    this.#changed.add(functionName);
  }

  forget(functionName: string): void {
    this.#needs.delete(functionName);
    this.#changed.delete(functionName);
  }

  sizing(functionName: string, maxMib: number): Sizing {
    return sizingOf(this.#needs.get(functionName) ?? [], maxMib);
  }

  /** Writes what is not written yet. */
  close(): void {
    clearInterval(this.#writer);
    this.#write();
  }

  /** What cannot be written is tried again the next time. */
  #write(): void {
    if (this.#changed.size === 0) return;
    const changed = new Map([...this.#changed].map((name) => [name, this.#needs.get(name) ?? []]));
    try {
      this.#store.save(changed);
      this.#changed.clear();
    } catch (error) {
      this.#logger.error({ err: error }, 'what functions need of memory could not be written');
    }
  }
}
