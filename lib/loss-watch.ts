import type { CloseReason } from './close-reason.js';
import { ConnectionLostError } from './errors.js';
import type { Subscription } from './subscription.js';

type Fail = (error: Error) => void;

/**
 * Tells those that wait for events that their connection was lost. It listens for that only while
 * somebody waits: a subscription keeps its connection from being collected.
 */
export class LossWatch {
  readonly #listen: (listener: (reason: CloseReason) => void) => Promise<Subscription>;
  readonly #waiting = new Set<Fail>();
  #subscription: Promise<Subscription> | undefined;

  constructor(listen: (listener: (reason: CloseReason) => void) => Promise<Subscription>) {
    this.#listen = listen;
  }

  /** Has `fail` called when the connection is lost, until it leaves. */
  async join(fail: Fail): Promise<void> {
    this.#waiting.add(fail);
    this.#subscription ??= this.#listen((reason) => this.#tellAll(reason));
    try {
      await this.#subscription;
    } catch (error) {
      this.#waiting.delete(fail);
      this.#subscription = undefined;
      throw error;
    }
  }

  leave(fail: Fail): void {
    this.#waiting.delete(fail);
    if (this.#waiting.size > 0) return;
    const unused = this.#subscription;
    this.#subscription = undefined;
    unused?.then((subscription) => subscription.close()).catch(() => undefined);
  }

  #tellAll(reason: CloseReason): void {
    for (const fail of this.#waiting) fail(new ConnectionLostError(reason));
  }
}
