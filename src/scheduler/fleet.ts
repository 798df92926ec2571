/**
 * The instances and what they are charged: every change of an instance's memory or use goes through
 * here, so that the ledger and the pool tell the same story.
 */
import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import { BallastError } from '../model/errors.js';
import type { FunctionRecord } from '../model/function.js';
import type { InstanceState } from '../model/instance.js';
import { type ChargeRules, chargeFor } from '../pool/charge.js';
import type { InstancePool, PooledInstance } from '../pool/contract.js';
import { Ledger } from './ledger.js';
import type { IdleInstance } from './placement.js';

export interface FleetOptions {
  readonly pool: InstancePool;
  readonly charges: ChargeRules;
  readonly logger: Logger;
  /** Called whenever memory or an instance came free. */
  readonly onFreed: () => void;
}

export class Fleet {
  readonly ledger: Ledger;
  readonly #options: FleetOptions;
  /** Functions whose instance is booting, by the instance's id. */
  readonly #booting = new Map<string, FunctionRecord>();
  /** Instances to be evicted as soon as they are not in use. */
  readonly #doomed = new Set<string>();

  constructor(options: FleetOptions) {
    this.#options = options;
    this.ledger = new Ledger(options.charges.budgetMib);
  }

  all(): readonly PooledInstance[] {
    return this.#options.pool.all();
  }

  /** @throws BallastError INSTANCE_NOT_FOUND */
  find(instanceId: string): PooledInstance {
    const instance = this.#options.pool.get(instanceId);
    if (instance !== undefined) return instance;
    throw new BallastError(
      'INSTANCE_NOT_FOUND',
      `There is no instance '${instanceId}'. GET /v1/instances lists those that there are.`,
    );
  }

  chargeFor(requestedMib: number): number {
    return chargeFor(this.#options.charges, requestedMib);
  }

  /** The instances that placement may choose from. */
  idle(): IdleInstance[] {
    return this.all()
      .filter((instance) => instance.state === 'hot')
      .map(({ instanceId, fn, idleSinceMs }) => ({
        instanceId,
        functionName: fn.functionName,
        revisionId: fn.revisionId,
        chargedMib: this.ledger.chargeOf(instanceId),
        idleSinceMs,
      }));
  }

  /** What the evictions under way will free. */
  evictingMib(): number {
    return this.all()
      .filter((instance) => instance.state === 'evicting')
      .reduce((sum, { instanceId }) => sum + this.ledger.chargeOf(instanceId), 0);
  }

  counts(): Record<InstanceState, number> {
    const counts = { starting: this.#booting.size, busy: 0, hot: 0, evicting: 0 };
    for (const instance of this.all()) {
      if (!this.#booting.has(instance.instanceId)) counts[instance.state] += 1;
    }
    return counts;
  }

  /**
   * Takes an idle instance into use, with room to grow to a size. False when the budget has none.
   * @throws BallastError INSTANCE_BUSY
   */
  occupy(instance: PooledInstance, requestedMib: number): boolean {
    const { instanceId } = instance;
    const chargedMib = this.ledger.chargeOf(instanceId);
    const growMib = Math.max(0, this.chargeFor(requestedMib) - chargedMib);
    // Whether one in use could grow is not worth telling: that it is in use is the reason.
    if (instance.state === 'hot' && growMib > this.ledger.freeMib) return false;
    instance.occupy();
    this.ledger.reserve(instanceId, growMib);
    return true;
  }

  /** Sets memory aside for an instance that is to be booted, and names it. */
  admit(fn: FunctionRecord, requestedMib: number): string {
    const instanceId = `i-${randomBytes(6).toString('hex')}`;
    if (!this.ledger.reserve(instanceId, this.chargeFor(requestedMib))) {
      throw new Error(
        `The budget has no room for ${requestedMib} MiB, which placement overlooked.`,
      );
    }
    this.#booting.set(instanceId, fn);
    return instanceId;
  }

  /** Boots an admitted instance; it is in use then. @throws BallastError INSTANCE_START_FAILED */
  async boot(
    instanceId: string,
    fn: FunctionRecord,
    requestedMib: number,
  ): Promise<PooledInstance> {
    try {
      const instance = await this.#options.pool.boot(instanceId, fn, requestedMib);
      instance.begin();
      this.#settle(instance);
      return instance;
    } catch (error) {
      this.ledger.close(instanceId);
      this.#doomed.delete(instanceId);
      this.#options.onFreed();
      throw error;
    } finally {
      this.#booting.delete(instanceId);
    }
  }

  /**
   * Charges an instance in use what it has plugged now: what a shrink freed is there for others.
   */
  resized(instance: PooledInstance): void {
    this.#settle(instance);
    this.#options.onFreed();
  }

  /** Ends a use: the instance is idle again, or goes if it was doomed. */
  release(instance: PooledInstance): void {
    this.#settle(instance);
    instance.vacate();
    if (this.#doomed.has(instance.instanceId)) void this.evict(instance.instanceId);
    else this.#options.onFreed();
  }

  /** Has an instance evicted when its use ends, or at once when it is idle. */
  doom(instanceId: string): void {
    this.#doomed.add(instanceId);
    if (this.#options.pool.get(instanceId)?.state === 'hot') void this.evict(instanceId);
  }

  /** Dooms a function's instances of every revision but one. */
  doomOthers(functionName: string, keepRevisionId: string | null): void {
    const isOther = (fn: FunctionRecord) =>
      fn.functionName === functionName && fn.revisionId !== keepRevisionId;
    for (const [instanceId, fn] of this.#booting) if (isOther(fn)) this.doom(instanceId);
    for (const { instanceId, fn } of this.all()) if (isOther(fn)) this.doom(instanceId);
  }

  /**
   * Ends an instance. Its charge is credited when the host has the memory. False when it could not
   * be ended: it stays charged, in state `evicting`, and the next sweep tries again.
   */
  async evict(instanceId: string): Promise<boolean> {
    try {
      await this.#options.pool.destroy(instanceId);
    } catch (error) {
      this.#options.logger.error({ instanceId, err: error }, 'instance could not be destroyed');
      return false;
    }
    this.ledger.close(instanceId);
    this.#doomed.delete(instanceId);
    this.#options.onFreed();
    return true;
  }

  /** Evicts what was idle for too long, and tries again what could not be destroyed. */
  sweep(keepAliveMs: number): void {
    const now = performance.now();
    for (const { instanceId, state, idleSinceMs } of this.all()) {
      const expired = state === 'hot' && now - idleSinceMs > keepAliveMs;
      if (expired || state === 'evicting') void this.evict(instanceId);
    }
  }

  #settle(instance: PooledInstance): void {
    this.ledger.settle(instance.instanceId, this.chargeFor(instance.size.pluggedMib));
  }
}
