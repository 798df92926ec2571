/**
 * The instances and what they are charged: every change of an instance's memory or use goes through
 * here, so that the ledger and the pool tell the same story.
 */
import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import { BallastError } from '../model/errors.js';
import type { FunctionRecord } from '../model/function.js';
import type { InstanceState } from '../model/instance.js';
import type { Accounts } from '../pool/accounts.js';
import { bootChargeFor, type ChargeRules, chargeFor, creditedCharge } from '../pool/charge.js';
import type { InstancePool, PooledInstance } from '../pool/contract.js';
import type { Concurrency } from './concurrency.js';
import type { Keeper } from './keeper.js';
import { Ledger } from './ledger.js';
import { isRetired, type Retirement } from './retirement.js';
import { Roster } from './roster.js';
import { upkeepOf } from './upkeep.js';

export interface FleetOptions {
  readonly pool: InstancePool;
  readonly charges: ChargeRules;
  readonly keeper: Keeper;
  readonly concurrency: Concurrency;
  readonly logger: Logger;
  /** Called whenever memory, an instance or a place to boot came free. */
  readonly onFreed: () => void;
}

/** An instance that is being booted. */
export interface Booting {
  readonly instanceId: string;
  readonly fn: FunctionRecord;
}

export class Fleet {
  readonly ledger: Ledger;
  readonly roster: Roster;
  readonly #options: FleetOptions;
  /** Functions whose instance is booting, by the instance's id. */
  readonly #booting = new Map<string, FunctionRecord>();
  readonly #evicting = new Set<string>();
  /** Instances to be evicted as soon as they are not in use. */
  readonly #doomed = new Set<string>();
  /** What instances that are being deflated are expected to free, by their id. */
  readonly #deflating = new Map<string, number>();
  /** What instances held when their last invocation ended: what deflating leaves at the most. */
  readonly #heldMib = new Map<string, number>();
  /** Instances whose resident memory is being looked at, to credit what they gave up. */
  readonly #crediting = new Set<string>();

  constructor(options: FleetOptions) {
    this.#options = options;
    this.ledger = new Ledger(options.charges.budgetMib);
    this.roster = new Roster(options.keeper, options.concurrency);
  }

  /** What every instance boots with. */
  get floorMib(): number {
    return this.#options.charges.geometry.floorMib;
  }

  all(): readonly PooledInstance[] {
    return this.#options.pool.all();
  }

  /** Those that have booted. */
  present(): readonly PooledInstance[] {
    return this.all().filter(({ instanceId }) => !this.#booting.has(instanceId));
  }

  get bootingCount(): number {
    return this.#booting.size;
  }

  booting(): readonly Booting[] {
    return [...this.#booting].map(([instanceId, fn]) => ({ instanceId, fn }));
  }

  /** @throws BallastError INSTANCE_NOT_FOUND, INSTANCE_BUSY while it boots */
  find(instanceId: string): PooledInstance {
    if (this.#booting.has(instanceId)) {
      throw new BallastError('INSTANCE_BUSY', `The instance '${instanceId}' is being started.`);
    }
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

  bootChargeFor(requestedMib: number): number {
    return bootChargeFor(this.#options.charges, requestedMib);
  }

  /** What the pool charges by itself: nothing that is kept for a function. */
  get accounts(): Accounts {
    const { ledger } = this;
    const { concurrency, onFreed } = this.#options;
    return {
      reserve: (id, mib) => {
        return mib <= ledger.freeMib - concurrency.withheldMib && ledger.reserve(id, mib);
      },
      settle: (id, mib) => ledger.settle(id, mib),
      close: (id) => {
        ledger.close(id);
        onFreed();
      },
    };
  }

  /** What the evictions, deflations and credits under way will free. */
  comingMib(): number {
    let { comingMib } = this.#options.pool;
    for (const instanceId of this.#evicting) comingMib += this.ledger.chargeOf(instanceId);
    for (const mib of this.#deflating.values()) comingMib += mib;
    for (const instanceId of this.#crediting) {
      const instance = this.#options.pool.get(instanceId);
      if (instance !== undefined) comingMib += this.#uncreditedMib(instance);
    }
    return comingMib;
  }

  /** Of the budget, what is kept for a function and not in use. */
  ownMibOf(functionName: string): number {
    return this.#options.concurrency.ownMib(functionName);
  }

  /** Of the budget, what a function can have at once. */
  freeMibFor(functionName: string): number {
    return this.ledger.freeMib - this.#options.concurrency.withheldFrom(functionName);
  }

  counts(): Record<InstanceState, number> {
    const counts = { starting: this.#booting.size, busy: 0, hot: 0, deflated: 0, evicting: 0 };
    for (const { state } of this.present()) counts[state] += 1;
    return counts;
  }

  /**
   * Takes an idle instance into use, with room to grow to a size. False when the budget has none.
   * @throws BallastError INSTANCE_BUSY
   */
  occupy(instance: PooledInstance, requestedMib: number): boolean {
    // Whether one in use could grow is not worth telling: that it is in use is the reason.
    if (isIdle(instance) && !this.#canGrow(instance, requestedMib)) return false;
    this.#take(instance);
    return this.reserve(instance, requestedMib);
  }

  /**
   * Sets memory aside with which an instance in use may grow to a size. False when the budget has
   * none.
   */
  reserve(instance: PooledInstance, requestedMib: number): boolean {
    if (!this.#canGrow(instance, requestedMib)) return false;
    return this.ledger.reserve(instance.instanceId, this.#growthOf(instance, requestedMib));
  }

  /** Sets memory aside for an instance that is to be booted, and names it. */
  admit(fn: FunctionRecord, requestedMib: number): string {
    const instanceId = `i-${randomBytes(6).toString('hex')}`;
    if (!this.ledger.reserve(instanceId, this.bootChargeFor(requestedMib))) {
      throw new Error(
        `The budget has no room for ${requestedMib} MiB, which placement overlooked.`,
      );
    }
    this.#booting.set(instanceId, fn);
    this.roster.join(instanceId, fn);
    return instanceId;
  }

  /** Boots an admitted instance; it is in use then. @throws BallastError INSTANCE_START_FAILED */
  async boot(
    instanceId: string,
    fn: FunctionRecord,
    requestedMib: number,
  ): Promise<PooledInstance> {
    try {
      const instance = await this.#options.pool.start(instanceId, fn, requestedMib);
      instance.begin();
      this.ledger.settle(instanceId, this.bootChargeFor(requestedMib));
      void this.#credit(instance);
      return instance;
    } catch (error) {
      this.roster.leave(instanceId);
      this.ledger.close(instanceId);
      this.#doomed.delete(instanceId);
      throw error;
    } finally {
      this.#booting.delete(instanceId);
      this.#options.onFreed();
    }
  }

  /**
   * Charges an instance in use what it has now: what a shrink freed is there for others as soon as
   * the host is seen to have it.
   */
  resized(instance: PooledInstance): void {
    void this.#settle(instance);
    this.#options.onFreed();
  }

  /**
   * Ends a use: the instance is idle again, or goes if it was doomed or is not to be kept. Resolves
   * when what it gave up is credited.
   */
  async release(instance: PooledInstance): Promise<void> {
    const { instanceId } = instance;
    this.roster.used(instanceId, performance.now());
    const credited = this.putBack(instance, 'hot');
    if (this.roster.isSpent(instanceId, performance.now())) void this.evict(instanceId);
    await credited;
  }

  /** Ends what was no use of an instance: it is worth what it was before. */
  async putBack(instance: PooledInstance, as: 'hot' | 'deflated'): Promise<void> {
    const credited = this.#settle(instance);
    instance.vacate(as);
    if (this.#doomed.has(instance.instanceId)) void this.evict(instance.instanceId);
    else {
      this.#rest(instance);
      this.#options.onFreed();
    }
    await credited;
  }

  /** Notes what an instance held when an invocation ended. */
  observe(instanceId: string, heldMib: number): void {
    this.#heldMib.set(instanceId, heldMib);
  }

  /**
   * Brings an idle instance down to what its process holds. One that cannot be brought down is not
   * tried again until it was used; one that breaks over it is evicted.
   */
  async deflate(instanceId: string): Promise<void> {
    const instance = this.find(instanceId);
    const expectedMib = this.#deflatableMib(instance);
    this.#take(instance);
    this.#deflating.set(instanceId, expectedMib);
    try {
      const { size } = await instance.deflate();
      this.#options.logger.info({ instanceId, ...size }, 'instance deflated');
    } catch (error) {
      this.#options.logger.warn({ instanceId, err: error }, 'instance could not be deflated');
      if (!leavesInstanceWhole(error)) this.doom(instanceId);
    } finally {
      this.#deflating.delete(instanceId);
      await this.putBack(instance, 'deflated');
    }
  }

  /** Has an idle guest that still keeps more than its function may use give it up. */
  async converge(instance: PooledInstance): Promise<void> {
    const { instanceId, state, size } = instance;
    if (!this.#isPartial(instance) || (state !== 'hot' && state !== 'deflated')) return;
    this.#take(instance);
    try {
      await instance.resize(size.limitMib);
    } catch (error) {
      this.#options.logger.warn({ instanceId, err: error }, 'instance could not give memory up');
      if (!leavesInstanceWhole(error)) this.doom(instanceId);
    } finally {
      await this.putBack(instance, state);
    }
  }

  /** Has an instance evicted when its use ends, or at once when it is idle. */
  doom(instanceId: string): void {
    this.#doomed.add(instanceId);
    const instance = this.#options.pool.get(instanceId);
    if (instance !== undefined && isIdle(instance)) void this.evict(instanceId);
  }

  /** Dooms the instances that are of the past. */
  doomRetired(retirement: Retirement): void {
    for (const [instanceId, fn] of this.#booting) {
      if (isRetired(fn, retirement)) this.doom(instanceId);
    }
    for (const { instanceId, fn } of this.all()) {
      if (isRetired(fn, retirement)) this.doom(instanceId);
    }
  }

  /**
   * Ends an instance. Its charge is credited when the host has the memory. False when it could not
   * be ended: it stays charged, in state `evicting`, and the next sweep tries again.
   */
  async evict(instanceId: string): Promise<boolean> {
    const instance = this.#options.pool.get(instanceId);
    if (instance !== undefined) {
      this.#evicting.add(instanceId);
      this.roster.leave(instanceId);
    }
    try {
      await this.#options.pool.destroy(instanceId);
    } catch (error) {
      this.#options.logger.error({ instanceId, err: error }, 'instance could not be destroyed');
      return false;
    }
    this.ledger.close(instanceId);
    this.#evicting.delete(instanceId);
    this.#doomed.delete(instanceId);
    this.#heldMib.delete(instanceId);
    this.#options.onFreed();
    return true;
  }

  /** Evicts an instance to make room for others. */
  displace(instanceId: string): void {
    const priority = this.roster.idle.get(instanceId)?.priority;
    if (priority !== undefined) this.#options.keeper.displaced(priority);
    void this.evict(instanceId);
  }

  /**
   * Deflates and evicts what its function is not likely to need, and tries again what could not be
   * destroyed.
   */
  sweep(isHostShort: boolean): void {
    for (const instanceId of this.#evicting) void this.evict(instanceId);
    const fates = this.roster.fates(performance.now(), isHostShort);
    for (const [instanceId, fate] of fates) {
      const instance = this.#options.pool.get(instanceId);
      if (instance === undefined || !isIdle(instance)) continue;
      const upkeep = upkeepOf(fate, this.#deflatableMib(instance));
      if (upkeep === 'evict') void this.evict(instanceId);
      else if (upkeep === 'deflate') void this.deflate(instanceId);
      else if (this.#isPartial(instance)) void this.converge(instance);
      else void this.#credit(instance);
    }
  }

  /** Takes an idle instance into use. @throws BallastError INSTANCE_BUSY */
  #take(instance: PooledInstance): void {
    instance.occupy();
    this.roster.take(instance.instanceId);
  }

  #rest(instance: PooledInstance): void {
    if (!isIdle(instance)) return;
    const chargedMib = this.ledger.chargeOf(instance.instanceId);
    const deflatableMib = this.#deflatableMib(instance);
    this.roster.rest(instance.instanceId, { chargedMib, deflatableMib });
  }

  #canGrow(instance: PooledInstance, requestedMib: number): boolean {
    const growMib = this.#growthOf(instance, requestedMib);
    return growMib === 0 || growMib <= this.freeMibFor(instance.fn.functionName);
  }

  /** An estimate from above of what is left: it may be less, and then more comes free. */
  #deflatableMib({ instanceId, state, size }: PooledInstance): number {
    const heldMib = this.#heldMib.get(instanceId);
    if (state !== 'hot' || heldMib === undefined) return 0;
    return Math.max(
      0,
      this.ledger.chargeOf(instanceId) - this.chargeFor(Math.min(heldMib, size.limitMib)),
    );
  }

  #growthOf({ instanceId }: PooledInstance, requestedMib: number): number {
    return Math.max(0, this.chargeFor(requestedMib) - this.ledger.chargeOf(instanceId));
  }

  /** Whether the guest keeps more than its function may use: an unplug that stopped half-way. */
  #isPartial({ size }: PooledInstance): boolean {
    return size.limitMib > 0 && this.chargeFor(size.pluggedMib) > this.chargeFor(size.limitMib);
  }

  /** What an instance is charged beyond its size, since the host has not been seen to have it. */
  #uncreditedMib({ instanceId, size }: PooledInstance): number {
    return Math.max(0, this.ledger.chargeOf(instanceId) - this.chargeFor(size.pluggedMib));
  }

  /** Ends a reservation: a grow is charged, and what was given up is credited when it is seen. */
  async #settle(instance: PooledInstance): Promise<void> {
    const { instanceId, size } = instance;
    const chargedMib = this.ledger.chargeOf(instanceId);
    this.ledger.settle(instanceId, Math.max(chargedMib, this.chargeFor(size.pluggedMib)));
    await this.#credit(instance);
  }

  async #credit(instance: PooledInstance): Promise<void> {
    const { instanceId } = instance;
    if (this.#uncreditedMib(instance) === 0 || this.#crediting.has(instanceId)) return;
    this.#crediting.add(instanceId);
    try {
      const memory = await instance.resident();
      const chargedMib = creditedCharge(
        this.#options.charges,
        this.ledger.chargeOf(instanceId),
        instance.size.pluggedMib,
        memory,
      );
      this.ledger.credit(instanceId, chargedMib);
      this.#rest(instance);
    } finally {
      this.#crediting.delete(instanceId);
    }
    this.#options.onFreed();
  }
}

function isIdle({ state }: PooledInstance): boolean {
  return state === 'hot' || state === 'deflated';
}

/** Whether a failed resize left the instance as good as it was. */
export function leavesInstanceWhole(error: unknown): boolean {
  if (!(error instanceof BallastError)) return false;
  const harmless = ['MEMORY_HELD', 'STORAGE_HELD', 'RESIZE_UNSETTLED', 'INSTANCE_BUSY'];
  return harmless.includes(error.code);
}
