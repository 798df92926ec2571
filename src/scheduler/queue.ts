/** Invocations that wait for an instance: first come, first served, bounded in number and time. */
import { BallastError } from '../model/errors.js';

export interface QueueBounds {
  readonly maxWaiting: number;
  readonly maxWaitMs: number;
}

interface Entry<Request, Grant> {
  readonly request: Request;
  readonly resolve: (grant: Grant) => void;
  readonly reject: (error: Error) => void;
  readonly leave: () => void;
}

export class WaitingQueue<Request, Grant> {
  readonly #bounds: QueueBounds;
  readonly #entries = new Set<Entry<Request, Grant>>();

  constructor(bounds: QueueBounds) {
    this.#bounds = bounds;
  }

  get length(): number {
    return this.#entries.size;
  }

  /**
   * Waits until `offer` grants the request something.
   * @throws BallastError QUEUE_FULL at once, QUEUE_TIMEOUT after the bound, CLIENT_GONE on abort
   */
  wait(request: Request, signal?: AbortSignal): Promise<Grant> {
    if (this.#entries.size >= this.#bounds.maxWaiting) {
      return Promise.reject(
        new BallastError(
          'QUEUE_FULL',
          `${this.#bounds.maxWaiting} invocations wait already, which is the most that may. ` +
            'Try again in a second.',
          { retryAfterSeconds: 1 },
        ),
      );
    }
    if (signal?.aborted === true) return Promise.reject(clientGone());
    return new Promise((resolve, reject) => {
      const expire = () => this.#refuse(entry, this.#tooLong());
      const abort = () => this.#refuse(entry, clientGone());
      const timer = setTimeout(expire, this.#bounds.maxWaitMs);
      const leave = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
        this.#entries.delete(entry);
      };
      const entry: Entry<Request, Grant> = { request, resolve, reject, leave };
      signal?.addEventListener('abort', abort, { once: true });
      this.#entries.add(entry);
    });
  }

  /**
   * Shows each request to `decide`, in order of arrival; one that gets a grant leaves the queue.
   */
  offer(decide: (request: Request) => Grant | null): void {
    for (const entry of [...this.#entries]) {
      const grant = decide(entry.request);
      if (grant === null) continue;
      entry.leave();
      entry.resolve(grant);
    }
  }

  /** Refuses everything that waits. */
  drain(error: Error): void {
    for (const entry of [...this.#entries]) this.#refuse(entry, error);
  }

  #refuse(entry: Entry<Request, Grant>, error: Error): void {
    entry.leave();
    entry.reject(error);
  }

  #tooLong(): BallastError {
    return new BallastError(
      'QUEUE_TIMEOUT',
      `No instance came free within ${this.#bounds.maxWaitMs / 1000} s. ` +
        'Try again later, or give the service a larger BALLAST_MEMORY_MIB.',
      { retryAfterSeconds: 5 },
    );
  }
}

function clientGone(): BallastError {
  return new BallastError('CLIENT_GONE', 'The client closed the connection before it was served.');
}
