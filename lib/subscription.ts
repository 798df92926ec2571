import type { NativeSubscription } from './native-types.js';

/** Wraps a native subscription; the constructor is not public. */
export let wrapSubscription: (native: NativeSubscription) => Subscription;

/**
 * A listener for an event. It keeps its connection from being collected, but not the process from
 * ending. A listener that throws is an uncaught exception, as with an `EventEmitter`.
 */
export class Subscription {
  readonly #native: NativeSubscription;

  static {
    wrapSubscription = (native) => new Subscription(native);
  }

  private constructor(native: NativeSubscription) {
    this.#native = native;
  }

  /** How many events came while the queue was full, and are lost. */
  get dropped(): number {
    return this.#native.dropped;
  }

  /** No event is delivered after this was called. */
  async close(): Promise<void> {
    return this.#native.close();
  }

  /** As `close`, at the end of an `await using` block. */
  async [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
