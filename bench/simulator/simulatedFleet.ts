/**
 * Instances that are nothing but what they are charged, and that take as long for what is done to
 * them as real ones. Roster, ledger and charges are those of the service; what `Fleet` has real
 * instances do, this does to them.
 */
import { bootChargeFor, type ChargeRules, chargeFor } from '../../src/pool/charge.js';
import { Concurrency } from '../../src/scheduler/concurrency.js';
import type { Keeper } from '../../src/scheduler/keeper.js';
import { Ledger } from '../../src/scheduler/ledger.js';
import { Roster } from '../../src/scheduler/roster.js';
import { upkeepOf } from '../../src/scheduler/upkeep.js';
import { costs } from './costs.js';
import type { Holding, Meter } from './meter.js';
import type { SimulatedClock } from './simulatedClock.js';
import type { SimulatedFunction } from './simulatedFunction.js';

export interface SimulatedInstance {
  readonly instanceId: string;
  readonly fn: SimulatedFunction;
  sizeMib: number;
  /** Counted by the meter: charged and reserved. */
  countedMib: number;
  countedAs: Holding;
}

export interface SimulatedFleetParts {
  readonly clock: SimulatedClock;
  readonly meter: Meter;
  readonly keeper: Keeper;
  readonly charges: ChargeRules;
  /** What an instance holds between two calls; null where none is ever deflated. */
  readonly heldMib: number | null;
  /** Called whenever memory or a place to boot came free. */
  readonly onFreed: () => void;
}

export class SimulatedFleet {
  readonly ledger: Ledger;
  readonly roster: Roster;
  readonly #parts: SimulatedFleetParts;
  readonly #instances = new Map<string, SimulatedInstance>();
  #named = 0;
  #bootingCount = 0;
  /** What deflations and evictions under way will free. */
  #comingMib = 0;

  constructor(parts: SimulatedFleetParts) {
    this.#parts = parts;
    const { charges, keeper } = parts;
    this.ledger = new Ledger(charges.budgetMib);
    // Nothing is reserved for any function.
    this.roster = new Roster(keeper, new Concurrency(charges.budgetMib, 0));
  }

  get bootingCount(): number {
    return this.#bootingCount;
  }

  get comingMib(): number {
    return this.#comingMib;
  }

  chargeFor(sizeMib: number): number {
    return chargeFor(this.#parts.charges, sizeMib);
  }

  bootChargeFor(sizeMib: number): number {
    return bootChargeFor(this.#parts.charges, sizeMib);
  }

  /** Starts an instance; it is in use when it is ready. */
  start(fn: SimulatedFunction, sizeMib: number, ready: (one: SimulatedInstance) => void): void {
    const { clock, keeper } = this.#parts;
    this.#named += 1;
    const instanceId = `i-${this.#named}`;
    const chargeMib = this.bootChargeFor(sizeMib);
    this.#reserve(instanceId, chargeMib);
    this.roster.join(instanceId, fn);
    this.#bootingCount += 1;
    const countedAs = 'starting';
    const one: SimulatedInstance = { instanceId, fn, sizeMib, countedMib: 0, countedAs };
    this.#instances.set(instanceId, one);
    this.#count(one, countedAs, chargeMib);
    clock.after(costs.startMs, () => {
      this.#bootingCount -= 1;
      keeper.demand.started(fn.key, costs.startMs);
      this.#settle(one, 'busy');
      ready(one);
      this.#parts.onFreed();
    });
  }

  /** Takes an idle instance into use, and brings it to a size. */
  occupy(instanceId: string, sizeMib: number, ready: (one: SimulatedInstance) => void): void {
    const one = this.#find(instanceId);
    this.roster.take(instanceId);
    const chargedMib = this.ledger.chargeOf(instanceId);
    const growMib = Math.max(0, this.chargeFor(sizeMib) - chargedMib);
    this.#reserve(instanceId, growMib);
    this.#count(one, 'busy', chargedMib + growMib);
    const resizeMs = resizeMsOf(one.sizeMib, sizeMib);
    one.sizeMib = sizeMib;
    this.#parts.clock.after(resizeMs, () => {
      this.#settle(one, 'busy');
      ready(one);
      if (growMib === 0) this.#parts.onFreed();
    });
  }

  /** Ends a use: the instance is idle, or goes where it is not to be kept. */
  release(one: SimulatedInstance): void {
    const { clock, onFreed } = this.#parts;
    const { instanceId } = one;
    this.roster.used(instanceId, clock.nowMs);
    this.#count(one, 'hot', one.countedMib);
    this.#rest(one);
    onFreed();
    if (this.roster.isSpent(instanceId, clock.nowMs)) this.evict(instanceId);
  }

  deflate(instanceId: string): void {
    const one = this.#find(instanceId);
    const freedMib = this.#deflatableMib(one);
    this.roster.take(instanceId);
    this.#comingMib += freedMib;
    this.#parts.clock.after(costs.deflateMs, () => {
      this.#comingMib -= freedMib;
      one.sizeMib = Math.min(one.sizeMib, this.#parts.heldMib ?? one.sizeMib);
      this.#reserve(instanceId, 0);
      this.#settle(one, 'deflated');
      this.#rest(one);
      this.#parts.onFreed();
    });
  }

  evict(instanceId: string): void {
    const one = this.#find(instanceId);
    const { countedMib } = one;
    this.roster.leave(instanceId);
    this.#comingMib += countedMib;
    this.#count(one, 'ending', countedMib);
    this.#parts.clock.after(costs.destroyMs, () => {
      this.#comingMib -= countedMib;
      this.#instances.delete(instanceId);
      this.#count(one, 'ending', 0);
      this.ledger.close(instanceId);
      this.#parts.onFreed();
    });
  }

  /** Evicts an instance to make room for others. */
  displace(instanceId: string): void {
    const priority = this.roster.idle.get(instanceId)?.priority;
    if (priority !== undefined) this.#parts.keeper.displaced(priority);
    this.evict(instanceId);
  }

  sweep(): void {
    for (const [instanceId, fate] of this.roster.fates(this.#parts.clock.nowMs, false)) {
      const upkeep = upkeepOf(fate, this.#deflatableMib(this.#find(instanceId)));
      if (upkeep === 'evict') this.evict(instanceId);
      else if (upkeep === 'deflate') this.deflate(instanceId);
    }
  }

  #rest(one: SimulatedInstance): void {
    const deflatableMib = this.#deflatableMib(one);
    this.roster.rest(one.instanceId, { chargedMib: one.countedMib, deflatableMib });
  }

  #deflatableMib({ countedMib, countedAs }: SimulatedInstance): number {
    const { heldMib } = this.#parts;
    if (heldMib === null || countedAs === 'deflated') return 0;
    return Math.max(0, countedMib - this.chargeFor(heldMib));
  }

  #reserve(instanceId: string, mib: number): void {
    if (this.ledger.reserve(instanceId, mib)) return;
    throw new Error(`The budget has no room for ${mib} MiB, which placement overlooked.`);
  }

  #settle(one: SimulatedInstance, as: Holding): void {
    const chargeMib = this.chargeFor(one.sizeMib);
    this.ledger.settle(one.instanceId, chargeMib);
    this.#count(one, as, chargeMib);
  }

  #count(one: SimulatedInstance, as: Holding, mib: number): void {
    const { clock, meter } = this.#parts;
    meter.change(clock.nowMs, one.countedAs, -one.countedMib);
    meter.change(clock.nowMs, as, mib);
    one.countedAs = as;
    one.countedMib = mib;
  }

  #find(instanceId: string): SimulatedInstance {
    const one = this.#instances.get(instanceId);
    if (one === undefined) throw new Error(`There is no instance ${instanceId}.`);
    return one;
  }
}

function resizeMsOf(fromMib: number, toMib: number): number {
  const { growMs, growStepMib, shrinkMs, shrinkStepMib } = costs;
  if (toMib > fromMib) return Math.ceil((toMib - fromMib) / growStepMib) * growMs;
  return Math.ceil((fromMib - toMib) / shrinkStepMib) * shrinkMs;
}
