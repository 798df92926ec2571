/** Runs invocations: queues them, places them, has their instance resized, and gives it back. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { BallastError } from '../model/errors.js';
import type { HostView } from '../model/host.js';
import type { InstanceResize, InstanceView } from '../model/instance.js';
import type { InvocationRequest, InvocationResult } from '../model/invocation.js';
import type { InvocationService } from '../model/service.js';
import type { ChargeRules } from '../pool/charge.js';
import type { InstancePool, PooledInstance } from '../pool/contract.js';
import { Fleet } from './fleet.js';
import { type Placement, place } from './placement.js';
import { type QueueBounds, WaitingQueue } from './queue.js';
import { type Grant, Runner, Unready } from './runner.js';

/** A request that found its instance unusable is placed anew so many times at the most. */
const maxPlacements = 4;
const sweepMs = 5_000;

/** What `/v1/host` tells and the scheduler does not know by itself. */
export type HostFacts = Pick<HostView, 'accelerator' | 'libvirt' | 'qemu' | 'image' | 'runtimes'>;

export interface SchedulerOptions {
  readonly pool: InstancePool;
  readonly charges: ChargeRules;
  readonly queue: QueueBounds;
  /** An instance that was idle for so long is evicted. */
  readonly keepAliveMs: number;
  readonly host: HostFacts;
  readonly logger: Logger;
}

interface Waiting {
  readonly request: InvocationRequest;
  /** Instances that proved unable to take the request. */
  readonly avoid: Set<string>;
  /** So many have proved unable that it is to have a new one. */
  wantsNew: boolean;
  /** Its revision is of the past: what is booted for it shall serve nothing else. */
  retired: boolean;
}

export class Scheduler implements InvocationService {
  readonly #options: SchedulerOptions;
  readonly #fleet: Fleet;
  readonly #runner: Runner;
  readonly #queue: WaitingQueue<Waiting, Grant>;
  readonly #active = new Set<Promise<unknown>>();
  /** Invocations that have not ended, so that an update reaches those that wait. */
  readonly #underWay = new Set<Waiting>();
  readonly #sweeper: NodeJS.Timeout;
  #closing = false;

  constructor(options: SchedulerOptions) {
    const { pool, charges, logger } = options;
    this.#options = options;
    this.#fleet = new Fleet({ pool, charges, logger, onFreed: () => this.#pump() });
    this.#runner = new Runner(this.#fleet, logger);
    this.#queue = new WaitingQueue(options.queue);
    this.#sweeper = setInterval(() => this.#fleet.sweep(options.keepAliveMs), sweepMs).unref();
  }

  checkSize(requestedMib: number): void {
    this.#options.pool.checkSize(requestedMib);
  }

  invoke(request: InvocationRequest): Promise<InvocationResult> {
    return this.#track(async () => {
      this.checkSize(request.requestedMib);
      const arrivedMs = performance.now();
      const waiting = { request, avoid: new Set<string>(), wantsNew: false, retired: false };
      this.#underWay.add(waiting);
      try {
        return await this.#serve(waiting, arrivedMs);
      } finally {
        this.#underWay.delete(waiting);
      }
    });
  }

  resize(instanceId: string, requestedMib: number): Promise<InstanceResize> {
    return this.#track(async () => {
      this.checkSize(requestedMib);
      const instance = this.#fleet.find(instanceId);
      if (!this.#fleet.occupy(instance, requestedMib)) {
        throw this.#overBudget(instance, requestedMib);
      }
      const fromMib = instance.size.limitMib;
      const report = await this.#runner.resize(instance, requestedMib);
      return { instanceId, requestedMib, fromMib, ...instance.size, resize: report };
    });
  }

  evict(instanceId: string): Promise<void> {
    return this.#track(async () => {
      const instance = this.#fleet.find(instanceId);
      if (await this.#fleet.evict(instance.instanceId)) return;
      throw new BallastError(
        'INTERNAL',
        `The VM of ${instanceId} could not be ended; the log says why. ` +
          'It serves nothing any more, and the service keeps trying to end it.',
      );
    });
  }

  retire(functionName: string, keepRevisionId: string | null): void {
    this.#fleet.doomOthers(functionName, keepRevisionId);
    for (const waiting of this.#underWay) {
      const { fn } = waiting.request;
      if (fn.functionName !== functionName) continue;
      waiting.retired = fn.revisionId !== keepRevisionId;
    }
  }

  /** An instance ended by itself. What runs on it fails on its own; an idle one is cleared away. */
  lost(instanceId: string, reason: Error): void {
    this.#options.logger.warn({ instanceId, err: reason }, 'instance lost');
    this.#fleet.doom(instanceId);
  }

  async instances(): Promise<readonly InstanceView[]> {
    return Promise.all(this.#fleet.all().map((instance) => this.#view(instance)));
  }

  async instance(instanceId: string): Promise<InstanceView> {
    return this.#view(this.#fleet.find(instanceId));
  }

  async host(): Promise<HostView> {
    const { budgetMib, chargedMib, reservedMib } = this.#fleet.ledger;
    const { geometry } = this.#options.charges;
    return {
      memory: { budgetMib, chargedMib, reservedMib },
      floorMib: geometry.floorMib,
      maxMemoryMib: geometry.maxMib,
      instances: this.#fleet.counts(),
      queued: this.#queue.length,
      ...this.#options.host,
    };
  }

  /** Refuses what waits, lets what runs finish within `graceMs`, then ends every instance. */
  async close(graceMs: number): Promise<void> {
    this.#closing = true;
    clearInterval(this.#sweeper);
    this.#queue.drain(shuttingDown());
    const finished = Promise.allSettled(this.#active);
    await withinMs(finished, graceMs);
    await this.#options.pool.close();
    await finished;
    // What finished booting in between came into the pool meanwhile.
    await this.#options.pool.close();
  }

  async #serve(waiting: Waiting, arrivedMs: number): Promise<InvocationResult> {
    for (let placement = 1; ; placement += 1) {
      const grant = await this.#placed(waiting);
      try {
        return await this.#runner.run(grant, waiting.request, performance.now() - arrivedMs);
      } catch (error) {
        if (!(error instanceof Unready)) throw error;
        if (placement === maxPlacements || this.#closing) throw error.cause;
        waiting.avoid.add(error.instanceId);
        waiting.wantsNew = placement === maxPlacements - 1;
      }
    }
  }

  /** Waits until placement has something for a request. */
  async #placed(waiting: Waiting): Promise<Grant> {
    try {
      const granted = this.#queue.wait(waiting, waiting.request.signal);
      this.#pump();
      const grant = await granted;
      if (waiting.retired) this.#fleet.doom(idOf(grant));
      return grant;
    } catch (error) {
      // The memory that it waited for is there for those behind it.
      this.#pump();
      throw error;
    }
  }

  /** Gives each waiting request what there is for it. Called whenever anything came free. */
  #pump(): void {
    let mayTakeMemory = true;
    this.#queue.offer((waiting) => {
      const grant = this.#grant(this.#place(waiting, mayTakeMemory), waiting.request);
      if (grant === null) mayTakeMemory = false;
      return grant;
    });
  }

  #place(waiting: Waiting, mayTakeMemory: boolean): Placement {
    const { fn, requestedMib } = waiting.request;
    const fleet = this.#fleet;
    const idle = fleet.idle();
    return place(
      {
        freeMib: fleet.ledger.freeMib,
        evictingMib: fleet.evictingMib(),
        idle,
        mayTakeMemory,
      },
      {
        functionName: fn.functionName,
        revisionId: fn.revisionId,
        chargeMib: fleet.chargeFor(requestedMib),
        avoid: waiting.wantsNew ? new Set(idle.map(({ instanceId }) => instanceId)) : waiting.avoid,
      },
    );
  }

  #grant(placement: Placement, request: InvocationRequest): Grant | null {
    switch (placement.kind) {
      case 'reuse': {
        const instance = this.#fleet.find(placement.instanceId);
        return this.#fleet.occupy(instance, request.requestedMib)
          ? { kind: 'warm', instance }
          : null;
      }
      case 'boot': {
        const instanceId = this.#fleet.admit(request.fn, request.requestedMib);
        return { kind: 'boot', instanceId };
      }
      case 'evict':
        for (const instanceId of placement.instanceIds) void this.#fleet.evict(instanceId);
        return null;
      case 'wait':
        return null;
    }
  }

  async #view(instance: PooledInstance): Promise<InstanceView> {
    const { instanceId, state, fn, size } = instance;
    return {
      instanceId,
      state,
      functionName: fn.functionName,
      version: fn.version,
      floorMib: this.#options.charges.geometry.floorMib,
      pluggedMib: size.pluggedMib,
      limitMib: size.limitMib,
      residentMib: await instance.residentMib(),
      idleMs: state === 'hot' ? Math.round(performance.now() - instance.idleSinceMs) : 0,
    };
  }

  #overBudget(instance: PooledInstance, requestedMib: number): BallastError {
    const { ledger } = this.#fleet;
    const growMib = this.#fleet.chargeFor(requestedMib) - ledger.chargeOf(instance.instanceId);
    return new BallastError(
      'BUDGET_EXHAUSTED',
      `${requestedMib} MiB would need ${growMib} MiB more than ${instance.instanceId} has, and ` +
        `${ledger.freeMib} MiB of the budget are free. Evict an instance, or ask for less.`,
      { details: { ...instance.size } },
    );
  }

  async #track<T>(task: () => Promise<T>): Promise<T> {
    if (this.#closing) throw shuttingDown();
    const running = task();
    this.#active.add(running);
    try {
      return await running;
    } finally {
      this.#active.delete(running);
    }
  }
}

/** Waits for work to be done, but not for longer. The process stays alive meanwhile. */
async function withinMs(work: Promise<unknown>, boundMs: number): Promise<void> {
  const over = new AbortController();
  const bound = delay(boundMs, undefined, { signal: over.signal }).catch(() => {});
  await Promise.race([work, bound]);
  over.abort();
}

function idOf(grant: Grant): string {
  return grant.kind === 'boot' ? grant.instanceId : grant.instance.instanceId;
}

function shuttingDown(): BallastError {
  return new BallastError('SHUTTING_DOWN', 'The service is stopping. Try again when it runs.');
}
