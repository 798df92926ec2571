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

  /** The functions of which anything waits, in the order of turns. */
  functionNames(): string[] {
    return this.#entries.functionNames();
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

  /** Shows the requests to `decide`, in turn, until one gets none; those with a grant leave. */
  offer(decide: (request: Request) => Grant | null): void {
    this.#entries.offer((entry) => this.#settle(entry, decide(entry.request)));
  }

  /** Shows all requests of one function, whosever turn it is; those with a grant leave. */
  offerTo(functionName: string, decide: (request: Request) => Grant | null): void {
    const settle = (entry: Entry<Request, Grant>) => this.#settle(entry, decide(entry.request));
    this.#entries.offerTo(functionName, settle);
  }

  /** Refuses everything that waits. */
  drain(error: Error): void {
    for (const entry of [...this.#entries.items()]) this.#refuse(entry, error);
  }

  /** Whether the entry has got something; the offer takes it out then. */
  #settle(entry: Entry<Request, Grant>, grant: Grant | null): boolean {
    if (grant === null) return false;
    entry.unwatch();
    entry.resolve(grant);
    return true;
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
