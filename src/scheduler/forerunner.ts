/**
 * Starts instances ahead of the calls that they will serve: those that are provisioned, and those
 * that the policy foresees. None is started for a foreseen call while anybody waits, or where
 * another would have to go for it.
 */
import type { Logger } from 'pino';
import type { FunctionRecord } from '../model/function.js';
import type { Concurrency } from './concurrency.js';
import type { Fleet } from './fleet.js';
import type { Keeper } from './keeper.js';
import type { Placer } from './placer.js';
import { isRetired, type Retirement } from './retirement.js';
import type { Order, Runner } from './runner.js';
import { versionKey } from './versionKey.js';

/** After a start that failed, nothing is started for the function for so long. */
const pauseMs = 60_000;
const nobody: ReadonlySet<string> = new Set();

export interface ForerunnerParts {
  readonly fleet: Fleet;
  readonly keeper: Keeper;
  readonly concurrency: Concurrency;
  readonly placer: Placer;
  readonly runner: Runner;
  readonly logger: Logger;
}

export class Forerunner {
  readonly #parts: ForerunnerParts;
  /** How each version was called last. */
  readonly #orders = new Map<string, Order>();
  /** Until when nothing is started for a function. */
  readonly #pauses = new Map<string, number>();

  constructor(parts: ForerunnerParts) {
    this.#parts = parts;
  }

  /** Notes a call: what is started ahead of the next ones is like it. */
  called({ fn, requestedMib, cpuMillis, storageMib }: Order): void {
    this.#orders.set(versionKey(fn), { fn, requestedMib, cpuMillis, storageMib });
  }

  /** What is of the past is not started any more. */
  retire(retirement: Retirement): void {
    for (const [key, { fn }] of this.#orders) {
      if (isRetired(fn, retirement)) this.#orders.delete(key);
    }
    this.#pauses.delete(retirement.functionName);
  }

  /** Starts what is to be there. The starts never fail. */
  tend(nowMs: number, isAnybodyWaiting: boolean): readonly Promise<void>[] {
    const provisioned = this.#tendProvisioned(nowMs);
    return isAnybodyWaiting ? provisioned : [...provisioned, ...this.#tendForeseen(nowMs)];
  }

  #tendProvisioned(nowMs: number): readonly Promise<void>[] {
    const { concurrency, fleet } = this.#parts;
    const started: Promise<void>[] = [];
    for (const { fn, count } of concurrency.provisions()) {
      const { memoryMib: requestedMib, ephemeralMib: storageMib } = fn;
      const order = { fn, requestedMib, cpuMillis: null, storageMib };
      const present = fleet.roster.countAlike(fn);
      for (let n = present; n < count && !this.#isPaused(fn, nowMs); n += 1) {
        const start = this.#start(order, 'provisioned');
        if (start === null) break;
        started.push(start);
      }
    }
    return started;
  }

  #tendForeseen(nowMs: number): readonly Promise<void>[] {
    const { fleet, keeper } = this.#parts;
    const started: Promise<void>[] = [];
    for (const { versionKey: key, level } of keeper.foreseen(nowMs)) {
      const order = this.#orders.get(key);
      if (order === undefined || this.#isPaused(order.fn, nowMs)) continue;
      let present = fleet.roster.countAlike(order.fn);
      for (; present < level; present += 1) {
        const start = this.#start(order, 'foreseen');
        if (start === null) break;
        started.push(start);
      }
      if (present >= level) keeper.demand.foreseen(key, level);
    }
    return started;
  }

  /** Null where there is no room, or too many boot already. */
  #start(order: Order, reason: 'provisioned' | 'foreseen'): Promise<void> | null {
    const { fleet, placer } = this.#parts;
    const placement = placer.place({ ...order, avoid: nobody, wantsNew: true }, true);
    if (placement.kind === 'boot') {
      const instanceId = fleet.admit(order.fn, order.requestedMib);
      return this.#run(instanceId, order, reason);
    }
    // What is provisioned is kept for the function: it may take the room of what is not.
    const mayTakeRoom = reason === 'provisioned';
    if (mayTakeRoom && (placement.kind === 'deflate' || placement.kind === 'evict')) {
      placer.makeRoom(placement);
    }
    return null;
  }

  async #run(instanceId: string, order: Order, reason: string): Promise<void> {
    const { runner, logger } = this.#parts;
    const { functionName } = order.fn;
    try {
      await runner.prepare(instanceId, order);
      logger.info({ instanceId, functionName, reason }, 'instance started ahead of a call');
    } catch (error) {
      this.#pauses.set(functionName, performance.now() + pauseMs);
      logger.warn(
        { instanceId, functionName, err: error },
        'an instance could not be started ahead of a call',
      );
    }
  }

  #isPaused({ functionName }: FunctionRecord, nowMs: number): boolean {
    const untilMs = this.#pauses.get(functionName) ?? 0;
    if (untilMs <= nowMs) this.#pauses.delete(functionName);
    return untilMs > nowMs;
  }
}
