import { onAbort } from './abort.js';
import type { Subscription } from './subscription.js';

/** Whoever waits for the next event. */
interface Waiter<T> {
  /** Gives it. */
  readonly resolve: (result: IteratorResult<T, undefined>) => void;
  /** Tells that none will come. */
  readonly reject: (error: Error) => void;
}

/**
 * Has a listener called for each event, and `fail` once no more can come: the connection was
 * closed, or it was lost.
 */
export type Listen<T> = (
  listener: (event: T) => void,
  fail: (error: Error) => void,
) => Promise<Pick<Subscription, 'dropped' | 'close'>>;

/** How events wait for the loop that reads them. */
export interface EventsOptions {
  /** Ends the loop, with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** How many events may wait (1024). When so many do, the newest is dropped and counted. */
  readonly limit?: number | undefined;
}

/**
 * Events for a `for await` loop. It listens from its first `next()` on, until the loop is left. A
 * loop that is slower than its events loses those that find the queue full: `dropped` tells how
 * many.
 */
export class EventIterator<T> implements AsyncIterableIterator<T, undefined> {
  readonly #listen: Listen<T>;
  readonly #signal: AbortSignal | undefined;
  readonly #limit: number;
  readonly #queue: T[] = [];
  #waiters: Waiter<T>[] = [];
  #subscription: ReturnType<Listen<T>> | undefined;
  #native: Awaited<ReturnType<Listen<T>>> | undefined;
  #forgetSignal: (() => void) | undefined;
  #dropped = 0;
  #ended = false;
  #failure: Error | undefined;

  /** @internal */
  constructor(listen: Listen<T>, signal: AbortSignal | undefined, limit: number) {
    this.#listen = listen;
    this.#signal = signal;
    this.#limit = limit;
  }

  /** How many events found the queue full, and are lost. */
  get dropped(): number {
    return this.#dropped + (this.#native?.dropped ?? 0);
  }

  /** Itself, as a `for await` loop wants it. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Resolves when events are listened to: what happens from then on is not missed. */
  async start(): Promise<void> {
    this.#signal?.throwIfAborted();
    if (this.#subscription === undefined) {
      this.#subscription = this.#listen(
        (event) => this.#push(event),
        (error) => this.#fail(error),
      );
      if (this.#signal !== undefined) {
        this.#forgetSignal = onAbort(this.#signal, () => void this.#stop());
      }
    }
    this.#native = await this.#subscription;
  }

  /**
   * The next event, once there is one. It rejects with the reason of a signal that was aborted,
   * with a `ClosedError` when the connection is closed, and with a `ConnectionLostError` when it is
   * lost.
   */
  async next(): Promise<IteratorResult<T, undefined>> {
    if (this.#ended) return this.#atEnd();
    await this.start();
    const event = this.#queue.shift();
    if (event !== undefined) return { done: false, value: event };
    if (this.#ended) return this.#atEnd();
    if (this.#failure !== undefined) throw this.#failure;
    const result = await new Promise<IteratorResult<T, undefined>>((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
    });
    return result.done === true ? this.#atEnd() : result;
  }

  #atEnd(): IteratorResult<T, undefined> {
    this.#signal?.throwIfAborted();
    return { done: true, value: undefined };
  }

  /** Stops listening; a `for await` loop that is left calls it. */
  async return(): Promise<IteratorResult<T, undefined>> {
    await this.#stop();
    return { done: true, value: undefined };
  }

  #push(event: T): void {
    const waiter = this.#waiters.shift();
    if (waiter !== undefined) waiter.resolve({ done: false, value: event });
    else if (this.#queue.length >= this.#limit) this.#dropped += 1;
    else this.#queue.push(event);
  }

  /** What waits in the queue is still given. */
  #fail(error: Error): void {
    if (this.#ended || this.#failure !== undefined) return;
    this.#failure = error;
    this.#forgetSignal?.();
    for (const { reject } of this.#takeWaiters()) reject(error);
    this.#subscription?.then((subscription) => subscription.close()).catch(() => undefined);
  }

  #takeWaiters(): Waiter<T>[] {
    const waiters = this.#waiters;
    this.#waiters = [];
    return waiters;
  }

  async #stop(): Promise<void> {
    this.#ended = true;
    this.#forgetSignal?.();
    for (const { resolve } of this.#takeWaiters()) resolve({ done: true, value: undefined });
    // A listener that could not be registered has told so already, to whoever started it.
    const subscription = await this.#subscription?.catch(() => undefined);
    await subscription?.close();
  }
}
