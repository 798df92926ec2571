/** Runs invocations: admits them, places them, has their instance resized, and gives it back. */
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { BallastError } from '../model/errors.js';
import type { HostView } from '../model/host.js';
import type { InstanceResize, InstanceState, InstanceView } from '../model/instance.js';
import type { InvocationRequest, InvocationResult, ResizeReport } from '../model/invocation.js';
import type { InvocationService } from '../model/service.js';
import { type ChargeRules, chargeFor } from '../pool/charge.js';
import type { Ending } from '../pool/ending.js';
import type { Instance, RuntimeStart } from '../pool/instance.js';
import type { Pool } from '../pool/pool.js';
import { Ledger } from './ledger.js';
import { type IdleInstance, type Placement, place } from './placement.js';
import { type QueueBounds, WaitingQueue } from './queue.js';
import { receiptOf, type Stages } from './receipt.js';

/** A request that found its instance unusable is placed anew so many times at the most. */
const maxPlacements = 4;
const sweepMs = 5_000;
const noResize: ResizeReport = { mechanism: 'none', ms: 0, settled: true };

/** What `/v1/host` tells and the scheduler does not know by itself. */
export type HostFacts = Pick<HostView, 'accelerator' | 'libvirt' | 'qemu' | 'image' | 'runtimes'>;

export interface SchedulerOptions {
  readonly pool: Pool;
  readonly charges: ChargeRules;
  readonly queue: QueueBounds;
  /** An instance that was idle for so long is evicted. */
  readonly keepAliveMs: number;
  readonly host: HostFacts;
  readonly logger: Logger;
}

interface Waiting {
  readonly request: InvocationRequest;
  readonly avoid: Set<string>;
}

type Grant =
  | { readonly kind: 'reuse'; readonly instance: Instance }
  | { readonly kind: 'boot'; readonly instanceId: string };

/** An instance that was made ready for one request. */
interface Readied {
  readonly instance: Instance;
  readonly stages: Pick<Stages, 'start' | 'fromMib' | 'resize' | 'initMs'>;
  /** Set when the runtime could not be started: the function's own failure. */
  readonly failure: Ending | null;
}

export class Scheduler implements InvocationService {
  readonly #options: SchedulerOptions;
  readonly #ledger: Ledger;
  readonly #queue: WaitingQueue<Waiting, Grant>;
  readonly #active = new Set<Promise<unknown>>();
  /** Functions whose instance is booting, by the instance's id. */
  readonly #booting = new Map<string, string>();
  /** Instances to be evicted as soon as they are idle. */
  readonly #doomed = new Set<string>();
  readonly #sweeper: NodeJS.Timeout;
  #closing = false;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#ledger = new Ledger(options.charges.budgetMib);
    this.#queue = new WaitingQueue(options.queue);
    this.#sweeper = setInterval(() => this.#sweep(), sweepMs).unref();
  }

  checkSize(requestedMib: number): void {
    this.#options.pool.checkSize(requestedMib);
  }

  invoke(request: InvocationRequest): Promise<InvocationResult> {
    return this.#track(async () => {
      this.#refuseWhenClosing();
      this.checkSize(request.requestedMib);
      const arrivedMs = performance.now();
      const avoid = new Set<string>();
      for (let placement = 1; ; placement += 1) {
        const waiting = this.#queue.wait({ request, avoid }, request.signal);
        this.#pump();
        const grant = await waiting;
        const queueMs = performance.now() - arrivedMs;
        try {
          return await this.#serve(await this.#ready(grant, request), request, queueMs);
        } catch (error) {
          if (!(error instanceof Unready)) throw error;
          if (placement === maxPlacements || this.#closing) throw error.cause;
          avoid.add(error.instanceId);
        }
      }
    });
  }

  resize(instanceId: string, requestedMib: number): Promise<InstanceResize> {
    return this.#track(async () => {
      this.#refuseWhenClosing();
      this.checkSize(requestedMib);
      const instance = this.#find(instanceId);
      const growMib = this.#growMib(instance, requestedMib);
      instance.occupy();
      if (!this.#ledger.reserve(instanceId, growMib)) {
        this.#release(instance);
        throw this.#overBudget(instance, requestedMib, growMib);
      }
      const fromMib = instance.size.limitMib;
      try {
        const { report } = await instance.resize(requestedMib);
        return { instanceId, requestedMib, fromMib, ...instance.size, resize: report };
      } catch (error) {
        if (isLoss(error)) this.#doomed.add(instanceId);
        throw error;
      } finally {
        this.#release(instance);
      }
    });
  }

  async evict(instanceId: string): Promise<void> {
    const instance = this.#find(instanceId);
    await this.#evict(instance);
  }

  retire(functionName: string, keepRevisionId: string | null): void {
    for (const [instanceId, name] of this.#booting) {
      if (name === functionName) this.#doomed.add(instanceId);
    }
    for (const instance of this.#options.pool.all()) {
      const { fn, instanceId } = instance;
      if (fn.functionName !== functionName || fn.revisionId === keepRevisionId) continue;
      if (instance.state === 'hot') void this.#evict(instance);
      else this.#doomed.add(instanceId);
    }
  }

  /** An instance ended by itself. What runs on it fails on its own; an idle one is cleared away. */
  lost(instance: Instance, reason: Error): void {
    const { instanceId } = instance;
    this.#options.logger.warn({ instanceId, err: reason }, 'instance lost');
    if (instance.state === 'hot') void this.#evict(instance);
    else this.#doomed.add(instanceId);
  }

  async instances(): Promise<readonly InstanceView[]> {
    return Promise.all(this.#options.pool.all().map((instance) => this.#view(instance)));
  }

  async instance(instanceId: string): Promise<InstanceView> {
    return this.#view(this.#find(instanceId));
  }

  async host(): Promise<HostView> {
    const counts: Record<InstanceState, number> = { starting: 0, busy: 0, hot: 0, evicting: 0 };
    for (const instance of this.#options.pool.all()) counts[instance.state] += 1;
    counts.starting += this.#booting.size;
    const { charges, host } = this.#options;
    return {
      memory: {
        budgetMib: this.#ledger.budgetMib,
        chargedMib: this.#ledger.chargedMib,
        reservedMib: this.#ledger.reservedMib,
      },
      floorMib: charges.geometry.floorMib,
      maxMemoryMib: charges.geometry.maxMib,
      instances: counts,
      queued: this.#queue.length,
      ...host,
    };
  }

  /** Refuses what waits, lets what runs finish within `graceMs`, then ends every instance. */
  async close(graceMs: number): Promise<void> {
    this.#closing = true;
    clearInterval(this.#sweeper);
    this.#queue.drain(shuttingDown());
    const idle = Promise.allSettled(this.#active);
    await Promise.race([idle, delay(graceMs, undefined, { ref: false })]);
    await this.#options.pool.close();
    await Promise.allSettled(this.#active);
    // What finished booting in between has come into the pool meanwhile.
    await this.#options.pool.close();
  }

  /** Gives each waiting request what there is for it. Called whenever anything came free. */
  #pump(): void {
    let mayTakeMemory = true;
    this.#queue.offer((waiting) => {
      const placement = this.#place(waiting, mayTakeMemory);
      const grant = this.#grant(placement, waiting.request);
      if (grant === null) mayTakeMemory = false;
      return grant;
    });
  }

  #place(waiting: Waiting, mayTakeMemory: boolean): Placement {
    const { fn, requestedMib } = waiting.request;
    const idle: IdleInstance[] = [];
    let evictingMib = 0;
    for (const instance of this.#options.pool.all()) {
      const chargedMib = this.#ledger.chargeOf(instance.instanceId);
      if (instance.state === 'evicting') evictingMib += chargedMib;
      if (instance.state !== 'hot') continue;
      const { instanceId, idleSinceMs } = instance;
      const { functionName, revisionId } = instance.fn;
      idle.push({ instanceId, functionName, revisionId, chargedMib, idleSinceMs });
    }
    return place(
      { freeMib: this.#ledger.freeMib, evictingMib, idle, mayTakeMemory },
      {
        functionName: fn.functionName,
        revisionId: fn.revisionId,
        chargeMib: chargeFor(this.#options.charges, requestedMib),
        avoid: waiting.avoid,
      },
    );
  }

  #grant(placement: Placement, request: InvocationRequest): Grant | null {
    switch (placement.kind) {
      case 'reuse': {
        const instance = this.#find(placement.instanceId);
        instance.occupy();
        this.#ledger.reserve(placement.instanceId, placement.growMib);
        return { kind: 'reuse', instance };
      }
      case 'boot': {
        const instanceId = `i-${randomBytes(6).toString('hex')}`;
        const chargeMib = chargeFor(this.#options.charges, request.requestedMib);
        this.#ledger.reserve(instanceId, chargeMib);
        this.#booting.set(instanceId, request.fn.functionName);
        return { kind: 'boot', instanceId };
      }
      case 'evict':
        for (const instanceId of placement.instanceIds) void this.#evict(this.#find(instanceId));
        return null;
      default:
        return null;
    }
  }

  /**
   * Makes the granted instance ready for the request.
   * @throws Unready when another instance may do better
   */
  async #ready(grant: Grant, request: InvocationRequest): Promise<Readied> {
    return grant.kind === 'boot'
      ? this.#readyNew(grant.instanceId, request)
      : this.#readyWarm(grant.instance, request);
  }

  async #readyNew(instanceId: string, request: InvocationRequest): Promise<Readied> {
    const started = performance.now();
    let instance: Instance;
    try {
      instance = await this.#options.pool.boot(instanceId, request.fn, request.requestedMib);
    } catch (error) {
      this.#ledger.close(instanceId);
      this.#doomed.delete(instanceId);
      this.#pump();
      throw error;
    } finally {
      this.#booting.delete(instanceId);
    }
    instance.begin();
    this.#settle(instance);
    const { failure } = await this.#startRuntime(instance, request.requestedMib);
    const initMs = performance.now() - started;
    return { instance, failure, stages: { start: 'boot', fromMib: 0, resize: noResize, initMs } };
  }

  async #readyWarm(instance: Instance, request: InvocationRequest): Promise<Readied> {
    const fromMib = instance.size.limitMib;
    let resize: ResizeReport;
    try {
      ({ report: resize } = await instance.resize(request.requestedMib));
    } catch (error) {
      // One that holds its memory serves another request; one that cannot settle is of no more use.
      if (!isHeld(error)) this.#doomed.add(instance.instanceId);
      this.#release(instance);
      throw new Unready(instance.instanceId, error);
    }
    this.#settle(instance);
    const { failure, initMs } = await this.#startRuntime(instance, request.requestedMib);
    return { instance, failure, stages: { start: 'warm', fromMib, resize, initMs } };
  }

  async #startRuntime(instance: Instance, requestedMib: number): Promise<RuntimeStart> {
    try {
      return await instance.startRuntime(requestedMib);
    } catch (error) {
      this.#doomed.add(instance.instanceId);
      this.#release(instance);
      throw new Unready(instance.instanceId, error);
    }
  }

  async #serve(
    readied: Readied,
    request: InvocationRequest,
    queueMs: number,
  ): Promise<InvocationResult> {
    const { instance, stages } = readied;
    const { instanceId } = instance;
    try {
      const ending = readied.failure ?? (await instance.invoke(request));
      // A guest that ran out of memory may have lost more than the function: it is replaced.
      if (ending.failure?.kind === 'out-of-memory') this.#doomed.add(instanceId);
      const { durationMs, peakMib, failure, payload, logTail } = ending;
      const all = { ...stages, ...instance.size, instanceId, queueMs, durationMs, peakMib };
      const receipt = receiptOf(request, all);
      this.#options.logger.info({ receipt, failure: failure?.kind }, 'invoked');
      return { payload, failure, logTail, receipt };
    } catch (error) {
      this.#doomed.add(instanceId);
      throw error;
    } finally {
      this.#release(instance);
    }
  }

  /** Ends a use: the ledger gets the truth, and the instance is idle again or goes. */
  #release(instance: Instance): void {
    this.#settle(instance);
    instance.vacate();
    if (this.#doomed.has(instance.instanceId)) void this.#evict(instance);
    else this.#pump();
  }

  #settle(instance: Instance): void {
    const { charges } = this.#options;
    this.#ledger.settle(instance.instanceId, chargeFor(charges, instance.size.pluggedMib));
  }

  async #evict(instance: Instance): Promise<void> {
    const { instanceId } = instance;
    try {
      await this.#options.pool.destroy(instance);
      this.#ledger.close(instanceId);
      this.#doomed.delete(instanceId);
    } catch (error) {
      // It stays charged, in state `evicting`, and the sweep tries again.
      this.#options.logger.error({ instanceId, err: error }, 'instance could not be destroyed');
    }
    this.#pump();
  }

  #sweep(): void {
    const now = performance.now();
    for (const instance of this.#options.pool.all()) {
      const expired =
        instance.state === 'hot' && now - instance.idleSinceMs > this.#options.keepAliveMs;
      if (expired || instance.state === 'evicting') void this.#evict(instance);
    }
  }

  #growMib(instance: Instance, requestedMib: number): number {
    const chargeMib = chargeFor(this.#options.charges, requestedMib);
    return Math.max(0, chargeMib - this.#ledger.chargeOf(instance.instanceId));
  }

  #find(instanceId: string): Instance {
    const instance = this.#options.pool.get(instanceId);
    if (instance !== undefined) return instance;
    throw new BallastError(
      'INSTANCE_NOT_FOUND',
      `There is no instance '${instanceId}'. GET /v1/instances lists those that there are.`,
    );
  }

  async #view(instance: Instance): Promise<InstanceView> {
    return {
      instanceId: instance.instanceId,
      state: instance.state,
      functionName: instance.fn.functionName,
      version: instance.fn.version,
      floorMib: this.#options.charges.geometry.floorMib,
      pluggedMib: instance.size.pluggedMib,
      limitMib: instance.size.limitMib,
      residentMib: await instance.residentMib(),
      idleMs: instance.state === 'hot' ? Math.round(performance.now() - instance.idleSinceMs) : 0,
    };
  }

  #overBudget(instance: Instance, requestedMib: number, growMib: number): BallastError {
    return new BallastError(
      'BUDGET_EXHAUSTED',
      `${requestedMib} MiB would need ${growMib} MiB more than ${instance.instanceId} has, and ` +
        `${this.#ledger.freeMib} MiB of the budget are free. Evict an instance, or ask for less.`,
      { details: { ...instance.size } },
    );
  }

  #refuseWhenClosing(): void {
    if (this.#closing) throw shuttingDown();
  }

  async #track<T>(task: () => Promise<T>): Promise<T> {
    const running = task();
    const tracked = running.catch(() => {}).finally(() => this.#active.delete(tracked));
    this.#active.add(tracked);
    return running;
  }
}

/** The granted instance could not be made ready; the cause says why. */
class Unready extends Error {
  readonly instanceId: string;

  constructor(instanceId: string, cause: unknown) {
    super('The instance could not be made ready.', { cause });
    this.instanceId = instanceId;
  }
}

function isHeld(error: unknown): boolean {
  return error instanceof BallastError && error.code === 'MEMORY_HELD';
}

/** Everything but the refusals that leave an instance as good as it was. */
function isLoss(error: unknown): boolean {
  if (!(error instanceof BallastError)) return true;
  return !['MEMORY_HELD', 'RESIZE_UNSETTLED', 'SIZE_BEYOND_HOST'].includes(error.code);
}

function shuttingDown(): BallastError {
  return new BallastError('SHUTTING_DOWN', 'The service is stopping. Try again when it runs.');
}
