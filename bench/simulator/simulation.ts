/**
 * Serves the calls of a day as the scheduler does, on a simulated clock with simulated VMs. What is
 * decided, by keep-alive, placement, queue and sweep, is decided by the code of the service.
 */
import type { ChargeRules } from '../../src/pool/charge.js';
import { FairQueue } from '../../src/scheduler/fairQueue.js';
import { Keeper } from '../../src/scheduler/keeper.js';
import { type Placement, place } from '../../src/scheduler/placement.js';
import { Refusals } from '../../src/scheduler/refusals.js';
import type { Contender } from './contender.js';
import { costs, queueBounds, rules } from './costs.js';
import { type Holding, Meter } from './meter.js';
import { type Alarm, SimulatedClock } from './simulatedClock.js';
import { SimulatedFleet, type SimulatedInstance } from './simulatedFleet.js';
import { type SimulatedFunction, simulatedFunction } from './simulatedFunction.js';
import { type Counts, Tally } from './tally.js';
import { type Call, dayMs, type Workload } from './workload.js';

export interface Outcome extends Counts {
  readonly policy: string;
  /** Instances that were started ahead of a call. */
  readonly ahead: number;
  readonly gibSeconds: Readonly<Record<Holding, number>>;
}

interface Waiting {
  readonly call: Call;
  readonly fn: SimulatedFunction;
  readonly sizeMib: number;
  isGranted: boolean;
  /** Ends its wait; null where it has none. */
  timeout: Alarm | null;
}

type Grant = Extract<Placement, { kind: 'reuse' | 'boot' }>;

const nobody: ReadonlySet<string> = new Set();

/** Serves a workload, and tells what became of it. */
export function simulate(
  workload: Workload,
  contender: Contender,
  charges: ChargeRules,
  heldMib: number = costs.heldMib,
): Outcome {
  return new Simulation(workload, contender, charges, heldMib).run();
}

class Simulation {
  readonly #workload: Workload;
  readonly #contender: Contender;
  readonly #clock = new SimulatedClock();
  readonly #meter = new Meter(dayMs);
  readonly #tally = new Tally();
  readonly #queue = new FairQueue<Waiting>();
  readonly #keeper: Keeper;
  readonly #fleet: SimulatedFleet;
  readonly #functions: readonly SimulatedFunction[];
  /** The size that each version was called with last, for what is started ahead of a call. */
  readonly #lastMib = new Map<SimulatedFunction, number>();
  #unended = 0;
  #ahead = 0;

  constructor(workload: Workload, contender: Contender, charges: ChargeRules, heldMib: number) {
    this.#workload = workload;
    this.#contender = contender;
    this.#keeper = new Keeper({ policy: contender.keepAlive, rules });
    this.#functions = workload.fullMib.map((_, fn) => simulatedFunction(fn));
    this.#fleet = new SimulatedFleet({
      clock: this.#clock,
      meter: this.#meter,
      keeper: this.#keeper,
      charges,
      heldMib: contender.sizing === 'own' ? heldMib : null,
      onFreed: () => this.#pump(),
    });
  }

  run(): Outcome {
    this.#sweepFromNowOn();
    for (const call of this.#workload.calls) {
      this.#clock.advance(call.atMs);
      this.#arrive(call);
    }
    this.#clock.advance(dayMs);
    const gibSeconds = this.#meter.gibSeconds(dayMs);
    // What still waits or runs is served too, though its memory is of another day.
    while (this.#unended > 0) this.#clock.advance(this.#clock.nowMs + costs.sweepMs);
    const { name: policy } = this.#contender;
    return { policy, ...this.#tally.counts(), ahead: this.#ahead, gibSeconds };
  }

  #arrive(call: Call): void {
    const fn = this.#functions[call.fn] as SimulatedFunction;
    const { demand } = this.#keeper;
    if (this.#queue.length >= queueBounds.maxWaiting) {
      this.#tally.refused();
      // It was a call all the same.
      demand.called(fn.key, this.#clock.nowMs);
      demand.ended(fn.key, this.#clock.nowMs);
      return;
    }
    this.#unended += 1;
    demand.called(fn.key, this.#clock.nowMs);
    const isFull = this.#contender.sizing === 'full';
    const sizeMib = isFull ? (this.#workload.fullMib[call.fn] as number) : call.needMib;
    this.#lastMib.set(fn, sizeMib);
    const waiting: Waiting = { call, fn, sizeMib, timeout: null, isGranted: false };
    const cost = this.#fleet.chargeFor(sizeMib) * Math.max(1, demand.durationMs(fn.key));
    this.#queue.add(waiting, fn.functionName, cost);
    this.#pump();
    if (waiting.isGranted) return;
    waiting.timeout = this.#clock.after(queueBounds.maxWaitMs, () => this.#expire(waiting));
  }

  #expire(waiting: Waiting): void {
    this.#queue.remove(waiting);
    this.#tally.timedOut();
    this.#end(waiting);
    this.#pump();
  }

  /** Gives each waiting call what there is for it. */
  #pump(): void {
    this.#queue.offer((waiting) => {
      const placement = this.#place(waiting.fn, waiting.sizeMib, true, false);
      const isGranted = placement.kind === 'reuse' || placement.kind === 'boot';
      if (isGranted) this.#grant(waiting, placement);
      else this.#makeRoom(placement);
      return isGranted;
    });
    // Whoever is next waits for memory; without any, others may still have what is idle.
    for (const name of this.#queue.functionNames()) {
      if (this.#fleet.roster.idle.hasAny(name)) this.#offerIdle(name);
    }
  }

  #offerIdle(functionName: string): void {
    const refusals = new Refusals();
    this.#queue.offerTo(functionName, (waiting) => {
      const { fn, sizeMib } = waiting;
      if (refusals.covers(fn.revisionId, sizeMib)) return false;
      const placement = this.#place(fn, sizeMib, false, false);
      if (placement.kind === 'reuse') this.#grant(waiting, placement);
      else refusals.note(fn.revisionId, sizeMib);
      return placement.kind === 'reuse';
    });
  }

  #place(
    { functionName, revisionId }: SimulatedFunction,
    sizeMib: number,
    mayTakeMemory: boolean,
    wantsNew: boolean,
  ): Placement {
    const fleet = this.#fleet;
    return place(
      {
        freeMib: fleet.ledger.freeMib,
        comingMib: fleet.comingMib,
        idle: fleet.roster.idle,
        mayTakeMemory,
        mayBoot: fleet.bootingCount < costs.maxBoots,
      },
      {
        functionName,
        revisionId,
        chargeMib: fleet.chargeFor(sizeMib),
        bootChargeMib: fleet.bootChargeFor(sizeMib),
        avoid: nobody,
        wantsNew,
      },
    );
  }

  #makeRoom(placement: Placement): void {
    if (placement.kind !== 'deflate' && placement.kind !== 'evict') return;
    for (const instanceId of placement.instanceIds) {
      if (placement.kind === 'deflate') this.#fleet.deflate(instanceId);
      else this.#fleet.displace(instanceId);
    }
  }

  #grant(waiting: Waiting, grant: Grant): void {
    waiting.isGranted = true;
    if (waiting.timeout !== null) this.#clock.cancel(waiting.timeout);
    const grantedMs = this.#clock.nowMs;
    const isCold = grant.kind === 'boot';
    const ready = (one: SimulatedInstance) => {
      const { atMs, durationMs } = waiting.call;
      const delayMs = this.#clock.nowMs - atMs;
      this.#tally.served({ isCold, queuedMs: grantedMs - atMs, delayMs });
      this.#clock.after(durationMs, () => {
        this.#keeper.demand.ran(waiting.fn.key, durationMs);
        this.#fleet.release(one);
        this.#end(waiting);
      });
    };
    if (isCold) this.#fleet.start(waiting.fn, waiting.sizeMib, ready);
    else this.#fleet.occupy(grant.instanceId, waiting.sizeMib, ready);
  }

  #end({ fn }: Waiting): void {
    this.#unended -= 1;
    this.#keeper.demand.ended(fn.key, this.#clock.nowMs);
  }

  #sweepFromNowOn(): void {
    this.#clock.after(costs.sweepMs, () => {
      this.#fleet.sweep();
      if (this.#queue.length === 0) this.#startForeseen();
      this.#sweepFromNowOn();
    });
  }

  /** Starts what the policy foresees, where there is room without anything that has to go. */
  #startForeseen(): void {
    const { roster } = this.#fleet;
    for (const [fn, level] of this.#foreseen()) {
      let present = roster.countAlike(fn);
      for (; present < level; present += 1) {
        const sizeMib = this.#lastMib.get(fn) as number;
        if (this.#place(fn, sizeMib, true, true).kind !== 'boot') break;
        this.#ahead += 1;
        this.#fleet.start(fn, sizeMib, (one) => this.#fleet.release(one));
      }
      if (present >= level) this.#keeper.demand.foreseen(fn.key, level);
    }
  }

  #foreseen(): readonly (readonly [SimulatedFunction, number])[] {
    const byKey = new Map(this.#functions.map((fn) => [fn.key, fn]));
    return [...this.#keeper.foreseen(this.#clock.nowMs)].map(({ versionKey, level }) => [
      byKey.get(versionKey) as SimulatedFunction,
      level,
    ]);
  }
}
