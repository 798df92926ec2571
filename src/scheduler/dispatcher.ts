/** The requests that wait, and who of them gets what comes free. */
import type { InvocationRequest } from '../model/invocation.js';
import type { Concurrency } from './concurrency.js';
import type { Fleet } from './fleet.js';
import type { Placement } from './placement.js';
import type { Placer } from './placer.js';
import { type QueueBounds, type Share, WaitingQueue } from './queue.js';
import { Refusals } from './refusals.js';
import type { Grant } from './runner.js';
import type { ShellKeeper } from './shellKeeper.js';

export interface Waiting {
  readonly request: InvocationRequest;
  /** Instances that proved unable to take the request. */
  readonly avoid: ReadonlySet<string>;
  /** So many have proved unable that it is to have a new one. */
  readonly wantsNew: boolean;
}

interface DispatcherOptions {
  readonly fleet: Fleet;
  readonly placer: Placer;
  readonly concurrency: Concurrency;
  /** Told of what is started. */
  readonly shells: ShellKeeper;
  readonly bounds: QueueBounds;
}

export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #queue: WaitingQueue<Waiting, Grant>;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#queue = new WaitingQueue(options.bounds);
  }

  /** How many wait. */
  get length(): number {
    return this.#queue.length;
  }

  /**
   * Waits until there is something for the request.
   * @throws BallastError QUEUE_FULL at once, QUEUE_TIMEOUT after the bound, CLIENT_GONE on abort
   */
  async wait(waiting: Waiting, share: Share, signal?: AbortSignal): Promise<Grant> {
    try {
      const granted = this.#queue.wait(waiting, share, signal);
      this.pump();
      return await granted;
    } catch (error) {
      // The memory that it waited for is there for those behind it.
      this.pump();
      throw error;
    }
  }

  /** Gives each waiting request what there is for it. Called whenever anything came free. */
  pump(): void {
    this.#queue.offer((waiting) => this.#place(waiting, true));
    // Whoever is next waits for memory; without any, others may still have what is their own.
    const { fleet, concurrency } = this.#options;
    for (const name of this.#queue.functionNames()) {
      if (fleet.roster.idle.hasAny(name) || concurrency.isKept(name)) this.#offerOwn(name);
    }
  }

  /** Refuses everything that waits. */
  drain(error: Error): void {
    this.#queue.drain(error);
  }

  /** Gives the waiting requests of one function what is idle of it or kept for it. */
  #offerOwn(functionName: string): void {
    const refusals = new Refusals();
    this.#queue.offerTo(functionName, (waiting) => {
      const { request, avoid, wantsNew } = waiting;
      const { revisionId } = request.fn;
      const chargeMib = this.#options.fleet.chargeFor(request.requestedMib);
      if (refusals.covers(revisionId, chargeMib)) return null;
      const grant = this.#place(waiting, false);
      const wouldTakeAny = avoid.size === 0 && !wantsNew;
      if (grant === null && wouldTakeAny) refusals.note(revisionId, chargeMib);
      return grant;
    });
  }

  /** Null where the request has to wait; room is being made for it then, where it can be. */
  #place({ request, avoid, wantsNew }: Waiting, mayTakeMemory: boolean): Grant | null {
    const { placer } = this.#options;
    const placement = placer.placeNow({ ...request, avoid, wantsNew }, mayTakeMemory);
    return this.#grant(placement, request);
  }

  #grant(placement: Placement, { fn, requestedMib }: InvocationRequest): Grant | null {
    const { fleet, placer, shells } = this.#options;
    switch (placement.kind) {
      case 'reuse': {
        const instance = fleet.find(placement.instanceId);
        return fleet.occupy(instance, requestedMib) ? { kind: 'warm', instance } : null;
      }
      case 'boot': {
        const instanceId = fleet.admit(fn, requestedMib);
        shells.started(fn.runtime, performance.now());
        return { kind: 'boot', instanceId };
      }
      case 'deflate':
      case 'evict':
        placer.makeRoom(placement);
        return null;
      case 'wait':
        return null;
    }
  }
}
