/** Runs one placed request on its instance: size, runtime, invocation, receipt. */
import type { Logger } from 'pino';
import { BallastError } from '../model/errors.js';
import type { FunctionRecord } from '../model/function.js';
import type { InvocationRequest, InvocationResult, ResizeReport } from '../model/invocation.js';
import type { PooledInstance, RuntimeStart } from '../pool/contract.js';
import type { Ending } from '../pool/ending.js';
import type { Demand } from './demand.js';
import { type Fleet, leavesInstanceWhole } from './fleet.js';
import { receiptOf, type Stages } from './receipt.js';
import { versionKey } from './versionKey.js';

const noResize: ResizeReport = {
  mechanism: 'none',
  ms: 0,
  settled: true,
  state: 'settled',
  returned: true,
};

const heldCodes: readonly string[] = ['MEMORY_HELD', 'STORAGE_HELD'];

/**
 * What placement found for a request: an instance in use for it, or memory set aside for a new one.
 */
export type Grant =
  | { readonly kind: 'warm'; readonly instance: PooledInstance }
  | { readonly kind: 'boot'; readonly instanceId: string };

/** What an instance is started as. */
export interface Order {
  readonly fn: FunctionRecord;
  readonly requestedMib: number;
  /** Thousandths of a vCPU; null for what comes with the memory. */
  readonly cpuMillis: number | null;
  /** What the function may keep in `/tmp`. */
  readonly storageMib: number;
}

/** The instance could not be made ready, though another may be; the cause says why. */
export class Unready extends Error {
  readonly instanceId: string;

  constructor(instanceId: string, cause: unknown) {
    super('The instance could not be made ready.', { cause });
    this.name = 'Unready';
    this.instanceId = instanceId;
  }
}

/** An instance that was made ready for one request. */
interface Readied {
  readonly instance: PooledInstance;
  readonly stages: Pick<Stages, 'start' | 'fromMib' | 'resize' | 'initMs' | 'restoreMs'>;
  /** Set when the runtime could not be started: the function's own failure. */
  readonly failure: Ending | null;
}

export class Runner {
  readonly #fleet: Fleet;
  readonly #demand: Demand;
  readonly #logger: Logger;
  /** Resizes of instances that serve an invocation, by the instance's id. They never fail. */
  readonly #meanwhile = new Map<string, Promise<unknown>>();

  /** @param demand Where it is noted what starts and invocations took */
  constructor(fleet: Fleet, demand: Demand, logger: Logger) {
    this.#fleet = fleet;
    this.#demand = demand;
    this.#logger = logger;
  }

  /** @throws Unready before the function saw the request; BallastError afterwards */
  async run(grant: Grant, request: InvocationRequest, queueMs: number): Promise<InvocationResult> {
    const readied =
      grant.kind === 'boot'
        ? await this.#readyNew(grant.instanceId, request)
        : await this.#readyWarm(grant.instance, request);
    return this.#serve(readied, request, queueMs);
  }

  /**
   * Starts an admitted instance that nobody waits for, and leaves it idle.
   * @throws BallastError INSTANCE_START_FAILED; Unready
   */
  async prepare(instanceId: string, order: Order): Promise<void> {
    const { instance, failure } = await this.#readyNew(instanceId, order);
    // Whoever invokes it next has the runtime started again, and learns why it fails.
    if (failure !== null) this.#logger.warn({ instanceId }, 'the function fails to initialise');
    await this.#fleet.release(instance);
  }

  /**
   * Resizes an instance in use, and ends the use.
   * @throws BallastError MEMORY_HELD, RESIZE_UNSETTLED
   */
  async resize(instance: PooledInstance, requestedMib: number): Promise<ResizeReport> {
    try {
      return await this.#resize(instance, requestedMib);
    } finally {
      await this.#fleet.release(instance);
    }
  }

  /**
   * Changes the storage of an instance in use, and ends the use.
   * @throws BallastError STORAGE_HELD, INSTANCE_BUSY
   */
  async setStorage(
    instance: PooledInstance,
    storageMib: number,
    as: 'hot' | 'deflated',
  ): Promise<{ usedMib: number }> {
    try {
      return await instance.setStorage(storageMib);
    } catch (error) {
      if (!leavesInstanceWhole(error)) this.#fleet.doom(instance.instanceId);
      throw error;
    } finally {
      await this.#fleet.putBack(instance, as);
    }
  }

  /**
   * Resizes an instance while an invocation runs on it, which is given back when both are over.
   * @throws BallastError MEMORY_HELD, RESIZE_UNSETTLED, INSTANCE_BUSY
   */
  async resizeServing(instance: PooledInstance, requestedMib: number): Promise<ResizeReport> {
    const { instanceId } = instance;
    const running = this.#resize(instance, requestedMib).finally(() => {
      this.#fleet.resized(instance);
      this.#meanwhile.delete(instanceId);
    });
    this.#meanwhile.set(
      instanceId,
      running.catch(() => {}),
    );
    return running;
  }

  async #resize(instance: PooledInstance, requestedMib: number): Promise<ResizeReport> {
    try {
      return (await instance.resize(requestedMib)).report;
    } catch (error) {
      if (!leavesInstanceWhole(error)) this.#fleet.doom(instance.instanceId);
      throw error;
    }
  }

  async #readyNew(instanceId: string, order: Order): Promise<Readied> {
    const started = performance.now();
    const instance = await this.#fleet.boot(instanceId, order.fn, order.requestedMib);
    await this.#setFirstStorage(instance, order.storageMib);
    const { failure, isRestored } = await this.#startRuntime(instance, order);
    const startMs = performance.now() - started;
    this.#demand.started(versionKey(order.fn), startMs);
    const { start } = instance;
    const times = isRestored ? { initMs: 0, restoreMs: startMs } : { initMs: startMs };
    return { instance, failure, stages: { start, fromMib: 0, resize: noResize, ...times } };
  }

  async #setFirstStorage(instance: PooledInstance, storageMib: number): Promise<void> {
    try {
      await instance.setStorage(storageMib);
    } catch (error) {
      throw this.#giveBack(instance, error, { doomed: true });
    }
  }

  async #readyWarm(instance: PooledInstance, request: InvocationRequest): Promise<Readied> {
    const fromMib = instance.size.limitMib;
    let resize: ResizeReport;
    try {
      if (instance.storageMib !== request.storageMib) {
        await instance.setStorage(request.storageMib);
      }
      resize = (await instance.resize(request.requestedMib, request.cpuMillis)).report;
    } catch (error) {
      // One that holds what it has may serve larger requests; one that cannot settle is of no use.
      const isHeld = error instanceof BallastError && heldCodes.includes(error.code);
      throw this.#giveBack(instance, error, { doomed: !isHeld });
    }
    this.#fleet.resized(instance);
    const { failure, initMs } = await this.#startRuntime(instance, request);
    return { instance, failure, stages: { start: 'warm', fromMib, resize, initMs } };
  }

  async #startRuntime(
    instance: PooledInstance,
    { requestedMib, cpuMillis }: Order,
  ): Promise<RuntimeStart> {
    try {
      return await instance.startRuntime(requestedMib, cpuMillis);
    } catch (error) {
      throw this.#giveBack(instance, error, { doomed: true });
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
      if (ending.failure?.kind === 'out-of-memory') this.#fleet.doom(instanceId);
      const { durationMs, peakMib, heldMib, failure, payload, logTail } = ending;
      this.#fleet.observe(instanceId, heldMib);
      const { size, cpuMillis, storageMib } = instance;
      const has = { ...size, cpuMillis, storageMib };
      const all = { ...stages, ...has, instanceId, queueMs, durationMs, peakMib };
      this.#demand.ran(versionKey(request.fn), durationMs);
      const receipt = receiptOf(request, all);
      this.#logger.info({ receipt, failure: failure?.kind }, 'invoked');
      return { payload, failure, logTail, receipt };
    } catch (error) {
      this.#fleet.doom(instanceId);
      throw error;
    } finally {
      await this.#meanwhile.get(instanceId);
      void this.#fleet.release(instance).then(() => this.#fleet.converge(instance));
    }
  }

  #giveBack(instance: PooledInstance, cause: unknown, fate: { doomed: boolean }): Unready {
    if (fate.doomed) this.#fleet.doom(instance.instanceId);
    void this.#fleet.release(instance);
    return new Unready(instance.instanceId, cause);
  }
}
