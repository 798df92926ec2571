/** One thing at a time for each key; of those that wait for their turn, only the newest gets it. */
import { BallastError } from '../model/errors.js';

interface Waiter {
  readonly go: () => void;
  readonly supersede: () => void;
}

export class Turns {
  /** Keys whose turn is taken, with whoever waits for it. */
  readonly #taken = new Map<string, Waiter | null>();

  /** @throws BallastError RESIZE_SUPERSEDED when another came for the same key while this waited */
  async run<T>(key: string, task: () => Promise<T>): Promise<T> {
    if (this.#taken.has(key)) await this.#wait(key);
    else this.#taken.set(key, null);
    try {
      return await task();
    } finally {
      this.#pass(key);
    }
  }

  #wait(key: string): Promise<void> {
    this.#taken.get(key)?.supersede();
    return new Promise((go, reject) => {
      const supersede = () => reject(superseded(key));
      this.#taken.set(key, { go, supersede });
    });
  }

  /** Hands the turn on without ever letting go of it, so that nobody comes in between. */
  #pass(key: string): void {
    const next = this.#taken.get(key) ?? null;
    if (next === null) {
      this.#taken.delete(key);
      return;
    }
    this.#taken.set(key, null);
    next.go();
  }
}

function superseded(key: string): BallastError {
  return new BallastError(
    'RESIZE_SUPERSEDED',
    `A newer resize of ${key} took the place of this one, which had not begun.`,
  );
}
