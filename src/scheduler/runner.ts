/** Runs one placed request on its instance: size, runtime, invocation, receipt. */
import type { Logger } from 'pino';
import { BallastError } from '../model/errors.js';
import type { InvocationRequest, InvocationResult, ResizeReport } from '../model/invocation.js';
import type { PooledInstance, RuntimeStart } from '../pool/contract.js';
import type { Ending } from '../pool/ending.js';
import type { Fleet } from './fleet.js';
import { receiptOf, type Stages } from './receipt.js';

const noResize: ResizeReport = { mechanism: 'none', ms: 0, settled: true };

/**
 * What placement found for a request: an instance in use for it, or memory set aside for a new one.
 */
export type Grant =
  | { readonly kind: 'warm'; readonly instance: PooledInstance }
  | { readonly kind: 'boot'; readonly instanceId: string };

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
  readonly stages: Pick<Stages, 'start' | 'fromMib' | 'resize' | 'initMs'>;
  /** Set when the runtime could not be started: the function's own failure. */
  readonly failure: Ending | null;
}

export class Runner {
  readonly #fleet: Fleet;
  readonly #logger: Logger;

  constructor(fleet: Fleet, logger: Logger) {
    this.#fleet = fleet;
    this.#logger = logger;
  }

  /** @throws Unready before the function saw the request; BallastError afterwards */
  async run(grant: Grant, request: InvocationRequest, queueMs: number): Promise<InvocationResult> {
    const readied =
      grant.kind === 'boot'
        ? await this.#readyNew(grant.instanceId, request)
        : await this.#readyWarm(grant.instance, request.requestedMib);
    return this.#serve(readied, request, queueMs);
  }

  /**
   * Resizes an instance in use, and ends the use.
   * @throws BallastError MEMORY_HELD, RESIZE_UNSETTLED
   */
  async resize(instance: PooledInstance, requestedMib: number): Promise<ResizeReport> {
    try {
      return (await instance.resize(requestedMib)).report;
    } catch (error) {
      if (!leavesInstanceWhole(error)) this.#fleet.doom(instance.instanceId);
      throw error;
    } finally {
      this.#fleet.release(instance);
    }
  }

  async #readyNew(instanceId: string, request: InvocationRequest): Promise<Readied> {
    const started = performance.now();
    const instance = await this.#fleet.boot(instanceId, request.fn, request.requestedMib);
    const { failure } = await this.#startRuntime(instance, request.requestedMib);
    const initMs = performance.now() - started;
    return { instance, failure, stages: { start: 'boot', fromMib: 0, resize: noResize, initMs } };
  }

  async #readyWarm(instance: PooledInstance, requestedMib: number): Promise<Readied> {
    const fromMib = instance.size.limitMib;
    let resize: ResizeReport;
    try {
      resize = (await instance.resize(requestedMib)).report;
    } catch (error) {
      // One that holds its memory may serve larger requests; one that cannot settle is of no use.
      const isHeld = error instanceof BallastError && error.code === 'MEMORY_HELD';
      throw this.#giveBack(instance, error, { doomed: !isHeld });
    }
    this.#fleet.resized(instance);
    const { failure, initMs } = await this.#startRuntime(instance, requestedMib);
    return { instance, failure, stages: { start: 'warm', fromMib, resize, initMs } };
  }

  async #startRuntime(instance: PooledInstance, requestedMib: number): Promise<RuntimeStart> {
    try {
      return await instance.startRuntime(requestedMib);
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
      const { durationMs, peakMib, failure, payload, logTail } = ending;
      const all = { ...stages, ...instance.size, instanceId, queueMs, durationMs, peakMib };
      const receipt = receiptOf(request, all);
      this.#logger.info({ receipt, failure: failure?.kind }, 'invoked');
      return { payload, failure, logTail, receipt };
    } catch (error) {
      this.#fleet.doom(instanceId);
      throw error;
    } finally {
      this.#fleet.release(instance);
    }
  }

  #giveBack(instance: PooledInstance, cause: unknown, fate: { doomed: boolean }): Unready {
    if (fate.doomed) this.#fleet.doom(instance.instanceId);
    this.#fleet.release(instance);
    return new Unready(instance.instanceId, cause);
  }
}

/** Whether a failed resize left the instance as good as it was. */
function leavesInstanceWhole(error: unknown): boolean {
  if (!(error instanceof BallastError)) return false;
  return ['MEMORY_HELD', 'RESIZE_UNSETTLED'].includes(error.code);
}
