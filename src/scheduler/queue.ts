/** Invocations that wait for an instance: each function in its turn, bounded in number and time. */
import { BallastError } from '../model/errors.js';
import { FairQueue } from './fairQueue.js';

export interface QueueBounds {
  readonly maxWaiting: number;
  readonly maxWaitMs: number;
}

/** Of which function a request is, and what serving it costs: the unit is that of all others. */
export interface Share {
  readonly functionName: string;
  readonly cost: number;
}

/** What an offer makes of a request. */
export type Answer<Grant> =
  | { readonly kind: 'granted'; readonly grant: Grant }
  /** It waits on; another of its function may be granted something. */
  | { readonly kind: 'refused' }
  /** It waits on, and so do the others of its function. */
  | { readonly kind: 'blocked' };

interface Entry<Request, Grant> {
  readonly request: Request;
  readonly resolve: (grant: Grant) => void;
  readonly reject: (error: Error) => void;
  /** Ends the watch over its time and its client. */
  readonly unwatch: () => void;
}

export class WaitingQueue<Request, Grant> {
  readonly #bounds: QueueBounds;
  readonly #entries = new FairQueue<Entry<Request, Grant>>();

  constructor(bounds: QueueBounds) {
    this.#bounds = bounds;
  }

  get length(): number {
    return this.#entries.length;
  }

  /**
   * Waits until `offer` grants the request something.
   * @throws BallastError QUEUE_FULL at once, QUEUE_TIMEOUT after the bound, CLIENT_GONE on abort
   */
  wait(request: Request, share: Share, signal?: AbortSignal): Promise<Grant> {
    if (this.length >= this.#bounds.maxWaiting) {
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
      const unwatch = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
      };
      const entry: Entry<Request, Grant> = { request, resolve, reject, unwatch };
      signal?.addEventListener('abort', abort, { once: true });
      this.#entries.add(entry, share.functionName, share.cost);
    });
  }

  /** Shows the requests to `decide`, in turn; one that gets a grant leaves the queue. */
  offer(decide: (request: Request) => Answer<Grant>): void {
    this.#entries.offer((entry) => {
      const answer = decide(entry.request);
      if (answer.kind !== 'granted') return answer.kind;
      entry.unwatch();
      entry.resolve(answer.grant);
      return 'served';
    });
  }

  /** Refuses everything that waits. */
  drain(error: Error): void {
    for (const entry of [...this.#entries.items()]) this.#refuse(entry, error);
  }

  #refuse(entry: Entry<Request, Grant>, error: Error): void {
    entry.unwatch();
    this.#entries.remove(entry);
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
