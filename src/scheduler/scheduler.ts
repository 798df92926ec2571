/** Runs invocations: queues them, places them, has their instance resized, and gives it back. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { BallastError } from '../model/errors.js';
import type { FunctionRecord } from '../model/function.js';
import type { HostView } from '../model/host.js';
import type { InstanceResize, InstanceStorage, InstanceView } from '../model/instance.js';
import type { InvocationRequest, InvocationResult } from '../model/invocation.js';
import { limits } from '../model/limits.js';
import type { NeedStore, Sizing } from '../model/needs.js';
import type { InvocationEnd, Observer } from '../model/observer.js';
import type { InvocationService } from '../model/service.js';
import type { Accounts } from '../pool/accounts.js';
import { type ChargeRules, chargeFor } from '../pool/charge.js';
import type { InstancePool, PooledInstance } from '../pool/contract.js';
import { Concurrency } from './concurrency.js';
import { Dispatcher, type Waiting } from './dispatcher.js';
import { Fleet } from './fleet.js';
import { Forerunner } from './forerunner.js';
import { Keeper, type KeeperOptions } from './keeper.js';
import { NeedLog } from './needLog.js';
import { needOf } from './needs.js';
import { Placer } from './placer.js';
import type { QueueBounds } from './queue.js';
import { concerns, isRetired } from './retirement.js';
import { retryMib } from './retry.js';
import { type Grant, Runner, Unready } from './runner.js';
import { ShellKeeper } from './shellKeeper.js';
import type { ShellRules } from './shellTarget.js';
import { Turns } from './turns.js';
import { versionKey } from './versionKey.js';
import { bootingViewOf, viewOf } from './views.js';

/** A request that found its instance unusable is placed anew so many times at the most. */
const maxPlacements = 4;
const sweepMs = 5_000;
const sharedAccount = 'templates';
/** Of the budget, so much is never taken by what is kept ready. */
const spareShare = 0.25;

/** What `/v1/host` tells and the scheduler does not know by itself. */
export type HostFacts = Pick<
  HostView,
  'accelerator' | 'mechanism' | 'start' | 'libvirt' | 'qemu' | 'image' | 'runtimes'
>;

export interface SchedulerOptions {
  readonly pool: InstancePool;
  readonly charges: ChargeRules;
  readonly shells: ShellRules;
  /** What of the budget is taken as long as the service runs: the memory that clones share. */
  readonly sharedMib: number;
  /** The most that an invocation can have of the processor, in thousandths of a vCPU. */
  readonly maxCpuMillis: number;
  readonly queue: QueueBounds;
  /** Boots that may run at a time: more would only slow each other down. */
  readonly maxBoots: number;
  /** What becomes of idle instances. */
  readonly keepAlive: KeeperOptions;
  /** Where the needs of functions are kept while the service does not run. */
  readonly needs: NeedStore;
  /** Whether the host itself runs short of memory. */
  readonly isHostShort: () => Promise<boolean>;
  readonly host: HostFacts;
  readonly observer: Observer;
  readonly logger: Logger;
}

interface Invocation extends Waiting {
  /** Replaced by a larger one where it is run again. */
  request: InvocationRequest;
  readonly avoid: Set<string>;
  wantsNew: boolean;
  /** Its revision is of the past: what is booted for it shall serve nothing else. */
  retired: boolean;
}

export class Scheduler implements InvocationService {
  readonly #options: SchedulerOptions;
  readonly #fleet: Fleet;
  readonly #runner: Runner;
  readonly #dispatcher: Dispatcher;
  readonly #active = new Set<Promise<unknown>>();
  /** Invocations that have not ended, so that an update reaches those that wait. */
  readonly #underWay = new Set<Invocation>();
  readonly #keeper: Keeper;
  readonly #shells: ShellKeeper;
  readonly #concurrency: Concurrency;
  readonly #forerunner: Forerunner;
  readonly #needs: NeedLog;
  readonly #turns = new Turns();
  readonly #sweeper: NodeJS.Timeout;
  #closing = false;

  constructor(options: SchedulerOptions) {
    const { pool, charges, logger } = options;
    this.#options = options;
    const keeper = new Keeper(options.keepAlive);
    const commonMib = chargeFor(charges, limits.minMemoryMib);
    const concurrency = new Concurrency(charges.budgetMib, commonMib);
    const onFreed = () => this.#dispatcher.pump();
    const fleet = new Fleet({ pool, charges, keeper, concurrency, logger, onFreed });
    fleet.ledger.reserve(sharedAccount, options.sharedMib);
    fleet.ledger.settle(sharedAccount, options.sharedMib);
    const runner = new Runner(fleet, keeper.demand, logger);
    const placer = new Placer(fleet, pool, options.maxBoots);
    this.#shells = new ShellKeeper(pool, options.shells);
    this.#keeper = keeper;
    this.#concurrency = concurrency;
    this.#fleet = fleet;
    this.#runner = runner;
    this.#forerunner = new Forerunner({ fleet, keeper, concurrency, placer, runner, logger });
    const shared = { fleet, placer, concurrency, shells: this.#shells };
    this.#dispatcher = new Dispatcher({ ...shared, bounds: options.queue });
    this.#needs = new NeedLog(options.needs, logger);
    this.#sweeper = setInterval(() => void this.#sweep(), sweepMs).unref();
  }

  get maxCpuMillis(): number {
    return this.#options.maxCpuMillis;
  }

  /**
   * What the pool may charge for what it keeps ready: nothing that a request waits for, and no more
   * than leaves room for requests to come.
   */
  get accounts(): Accounts {
    const { ledger, accounts } = this.#fleet;
    const spareMib = ledger.budgetMib * spareShare;
    const isSpare = (mib: number) =>
      this.#dispatcher.length === 0 && ledger.freeMib - mib >= spareMib;
    const reserve: Accounts['reserve'] = (id, mib) => isSpare(mib) && accounts.reserve(id, mib);
    return { ...accounts, reserve };
  }

  checkSize(requestedMib: number): void {
    this.#options.pool.checkSize(requestedMib);
  }

  async invoke(request: InvocationRequest): Promise<InvocationResult> {
    const { observer } = this.#options;
    const arrivedMs = performance.now();
    try {
      const result = await this.#invoke(request);
      observer.invoked(endOf(result));
      return result;
    } catch (error) {
      const outcome = error instanceof BallastError ? error.code : 'INTERNAL';
      const queueMs = performance.now() - arrivedMs;
      observer.invoked({ outcome, start: 'none', queueMs, durationMs: null });
      throw error;
    }
  }

  #invoke(request: InvocationRequest): Promise<InvocationResult> {
    return this.#track(async () => {
      this.checkSize(request.requestedMib);
      const { functionName } = request.fn;
      const key = versionKey(request.fn);
      const { demand } = this.#keeper;
      this.#concurrency.admit(functionName);
      const arrivedMs = performance.now();
      demand.called(key, arrivedMs);
      this.#forerunner.called(request);
      const waiting = { request, avoid: new Set<string>(), wantsNew: false, retired: false };
      this.#underWay.add(waiting);
      try {
        const result = await this.#serve(waiting, arrivedMs);
        const { maxMib } = this.#options.charges.geometry;
        const largerMib = this.#closing ? null : retryMib(request, result, maxMib);
        if (largerMib === null) return result;
        return await this.#serveAgain(waiting, result, largerMib, arrivedMs);
      } finally {
        this.#underWay.delete(waiting);
        this.#concurrency.ended(functionName);
        demand.ended(key, performance.now());
      }
    });
  }

  /**
   * Lets at most so many invocations of a function run at a time, and keeps room for as many; null
   * takes the bound away.
   * @throws BallastError INVALID_PARAMETER where the budget cannot keep so much
   */
  reserve(fn: FunctionRecord, reserved: number | null): void {
    const chargeMib = this.#fleet.bootChargeFor(fn.memoryMib);
    this.#concurrency.reserve(fn.functionName, reserved, chargeMib);
    this.#concurrencyChanged(fn.functionName);
  }

  /**
   * Keeps so many instances of a function's revision hot and initialised; 0 for none.
   * @throws BallastError INVALID_PARAMETER where the budget cannot keep so much
   */
  provision(fn: FunctionRecord, count: number): void {
    this.#concurrency.provision(fn, count, this.#fleet.bootChargeFor(fn.memoryMib));
    this.#concurrencyChanged(fn.functionName);
    this.#tend();
  }

  sizing(functionName: string): Sizing {
    return this.#needs.sizing(functionName, this.#options.charges.geometry.maxMib);
  }

  resize(instanceId: string, requestedMib: number): Promise<InstanceResize> {
    return this.#track(async () => {
      this.checkSize(requestedMib);
      return this.#turns.run(this.#fleet.find(instanceId).instanceId, () =>
        this.#resize(this.#fleet.find(instanceId), requestedMib),
      );
    });
  }

  setStorage(instanceId: string, storageMib: number): Promise<InstanceStorage> {
    return this.#track(async () => {
      const instance = this.#fleet.find(instanceId);
      const { storageMib: fromMib, state } = instance;
      this.#fleet.occupy(instance, 0);
      const as = state === 'deflated' ? state : 'hot';
      const { usedMib } = await this.#runner.setStorage(instance, storageMib, as);
      return { instanceId: instance.instanceId, storageMib, fromMib, usedMib };
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

  retire(functionName: string, keepRevisionId: string | null, version?: string): void {
    const retirement = { functionName, keepRevisionId, version: version ?? null };
    this.#fleet.doomRetired(retirement);
    this.#forerunner.retire(retirement);
    this.#concurrency.retire(retirement);
    this.#concurrencyChanged(functionName);
    if (keepRevisionId === null) {
      this.#keeper.forget(retirement);
      this.#options.pool.forget(functionName, retirement.version);
    }
    if (keepRevisionId === null && version === undefined) this.#needs.forget(functionName);
    for (const waiting of this.#underWay) {
      const { fn } = waiting.request;
      if (concerns(fn, retirement)) waiting.retired = isRetired(fn, retirement);
    }
  }

  /** An instance ended by itself. What runs on it fails on its own; an idle one is cleared away. */
  lost(instanceId: string, reason: Error): void {
    this.#options.logger.warn({ instanceId, err: reason }, 'instance lost');
    this.#fleet.doom(instanceId);
  }

  async instances(): Promise<readonly InstanceView[]> {
    const fleet = this.#fleet;
    const present = await Promise.all(fleet.present().map((one) => viewOf(fleet, one)));
    return [...fleet.booting().map((one) => bootingViewOf(fleet, one)), ...present];
  }

  async instance(instanceId: string): Promise<InstanceView> {
    const fleet = this.#fleet;
    const booting = fleet.booting().find((one) => one.instanceId === instanceId);
    if (booting !== undefined) return bootingViewOf(fleet, booting);
    return viewOf(fleet, fleet.find(instanceId));
  }

  async host(): Promise<HostView> {
    const { budgetMib, chargedMib, reservedMib } = this.#fleet.ledger;
    const { geometry } = this.#options.charges;
    return {
      memory: { budgetMib, chargedMib, reservedMib },
      floorMib: geometry.floorMib,
      maxMemoryMib: geometry.maxMib,
      maxCpuMillis: this.maxCpuMillis,
      instances: this.#fleet.counts(),
      queued: this.#dispatcher.length,
      memoryMax: this.#options.pool.hostCap,
      ...this.#options.host,
    };
  }

  /** Refuses what waits, lets what runs finish within `graceMs`, then ends every instance. */
  async close(graceMs: number): Promise<void> {
    this.#closing = true;
    clearInterval(this.#sweeper);
    this.#dispatcher.drain(shuttingDown());
    const finished = Promise.allSettled(this.#active);
    await withinMs(finished, graceMs);
    const { pool, logger } = this.#options;
    await pool.close().catch((error: unknown) => {
      logger.error({ err: error }, 'ending the instances failed; trying again');
    });
    await finished;
    this.#needs.close();
    // What finished booting in between came into the pool meanwhile.
    await pool.close();
  }

  async #resize(instance: PooledInstance, requestedMib: number): Promise<InstanceResize> {
    const { instanceId, isServing } = instance;
    const fleet = this.#fleet;
    const isAdmitted = isServing
      ? fleet.reserve(instance, requestedMib)
      : fleet.occupy(instance, requestedMib);
    if (!isAdmitted) throw this.#overBudget(instance, requestedMib);
    const fromMib = instance.size.limitMib;
    const resize = isServing
      ? await this.#runner.resizeServing(instance, requestedMib)
      : await this.#runner.resize(instance, requestedMib);
    return { instanceId, requestedMib, fromMib, ...instance.size, resize };
  }

  async #sweep(): Promise<void> {
    const isHostShort = await this.#options.isHostShort();
    if (this.#closing) return;
    this.#fleet.sweep(isHostShort);
    this.#shells.tend(performance.now());
    this.#tend();
  }

  /** Has instances started ahead of calls, where that is due. */
  #tend(): void {
    if (this.#closing) return;
    for (const start of this.#forerunner.tend(performance.now(), this.#dispatcher.length > 0)) {
      void this.#track(() => start);
    }
  }

  #concurrencyChanged(functionName: string): void {
    if (this.#concurrency.isKept(functionName)) this.#fleet.roster.protect(functionName);
    else this.#fleet.roster.expose(functionName);
    this.#dispatcher.pump();
  }

  async #serve(waiting: Invocation, arrivedMs: number): Promise<InvocationResult> {
    for (let placement = 1; ; placement += 1) {
      const grant = await this.#placed(waiting);
      try {
        const queueMs = performance.now() - arrivedMs;
        const result = await this.#runner.run(grant, waiting.request, queueMs);
        this.#noteNeed(waiting, result);
        return result;
      } catch (error) {
        if (!(error instanceof Unready)) throw error;
        const { instanceId, cause: err } = error;
        this.#options.logger.warn({ instanceId, err }, 'instance could not be made ready');
        if (placement === maxPlacements || this.#closing) throw err;
        waiting.avoid.add(instanceId);
        waiting.wantsNew = placement === maxPlacements - 1;
      }
    }
  }

  /**
   * Runs once more, larger, what was killed for memory. Where that cannot be done, that it was
   * killed is the answer.
   */
  async #serveAgain(
    waiting: Invocation,
    killed: InvocationResult,
    largerMib: number,
    arrivedMs: number,
  ): Promise<InvocationResult> {
    const { requestId, requestedMib } = waiting.request;
    waiting.request = { ...waiting.request, requestedMib: largerMib };
    const { logger } = this.#options;
    logger.info({ requestId, killedAtMib: requestedMib, requestedMib: largerMib }, 'running again');
    try {
      const result = await this.#serve(waiting, arrivedMs);
      return { ...result, receipt: { ...result.receipt, killedAtMib: requestedMib } };
    } catch (error) {
      logger.warn({ requestId, err: error }, 'an invocation could not be run again');
      return killed;
    }
  }

  /** What a revision of the past needed, or an invocation that failed would have, says nothing. */
  #noteNeed({ request, retired }: Invocation, { failure, receipt }: InvocationResult): void {
    const wasKilled = failure?.kind === 'out-of-memory';
    if (retired || (failure !== null && !wasKilled)) return;
    const { peakMib, limitMib } = receipt;
    this.#needs.note(request.fn.functionName, needOf({ peakMib, limitMib, wasKilled }));
  }

  /** Waits until placement has something for a request. */
  async #placed(waiting: Invocation): Promise<Grant> {
    const { fn, requestedMib, signal } = waiting.request;
    // What a request costs is the memory that it takes, for as long as it is likely to.
    const { functionName } = fn;
    const durationMs = Math.max(1, this.#keeper.demand.durationMs(versionKey(fn)));
    const cost = this.#fleet.chargeFor(requestedMib) * durationMs;
    const grant = await this.#dispatcher.wait(waiting, { functionName, cost }, signal);
    if (waiting.retired) this.#fleet.doom(idOf(grant));
    return grant;
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

function endOf({ failure, receipt }: InvocationResult): InvocationEnd {
  const { start, queueMs, durationMs } = receipt;
  return { outcome: failure?.kind ?? 'answered', start, queueMs, durationMs };
}
