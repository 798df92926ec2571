/**
 * Keeps by one policy: holds what is known of the functions' calls, and asks the policy about idle
 * instances. All clocks are arguments.
 */
import { Demand } from './demand.js';
import type { IdleInstance } from './idleIndex.js';
import {
  type Fate,
  fateOf,
  hotMsOf,
  isForeseen,
  type KeepAlive,
  type KeepAliveRules,
  priorityOf,
  type Worth,
} from './keepAlive.js';
import { concerns, type Retirement } from './retirement.js';
import { versionOf } from './versionKey.js';

export interface KeeperOptions {
  readonly policy: KeepAlive;
  readonly rules: KeepAliveRules;
}

/** What an instance was worth when its use ended. */
export interface Standing extends Omit<Worth, 'chargedMib'> {
  readonly hotUntilMs: number;
}

export interface SweepFacts {
  readonly nowMs: number;
  /** The host itself runs short of memory: nothing idle stays at its size. */
  readonly isHostShort: boolean;
  /** Whether an instance is to be hot at all times. */
  readonly isProvisioned: (instanceId: string) => boolean;
}

/** A version of which so many instances are to be there, ahead of its next calls. */
export interface Foresight {
  readonly versionKey: string;
  readonly level: number;
}

export class Keeper {
  readonly demand = new Demand();
  readonly #options: KeeperOptions;
  /** The clock of Greedy-Dual: the priority of the last instance that had to make room. */
  #clock = 0;

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  /** Appraises an instance whose use ends now. */
  standing(versionKey: string, nowMs: number): Standing {
    const { policy, rules } = this.#options;
    const level = this.demand.inFlight(versionKey);
    const demand = this.demand.level(versionKey, level, nowMs);
    return {
      clock: this.#clock,
      uses: this.demand.uses(versionKey, level, nowMs),
      coldMs: this.demand.coldMs(versionKey),
      idleSinceMs: nowMs,
      hotUntilMs: nowMs + hotMsOf(policy, rules, demand),
    };
  }

  priority(standing: Standing, chargedMib: number): number {
    return priorityOf(this.#options.policy, { ...standing, chargedMib });
  }

  /** Notes that an instance had to make room. */
  displaced(priority: number): void {
    this.#clock = Math.max(this.#clock, priority);
  }

  /** Forgets the calls of versions that are no more. */
  forget(gone: Omit<Retirement, 'keepRevisionId'>): void {
    for (const key of [...this.demand.versionKeys()]) {
      if (concerns(versionOf(key), gone)) this.demand.forget(key);
    }
  }

  /** What becomes of an instance whose use ends now. */
  fateAtOnce(versionKey: string, nowMs: number): Fate {
    return this.#fate(versionKey, this.demand.inFlight(versionKey), 0, nowMs);
  }

  /** What becomes of each idle instance. */
  fates(idle: Iterable<IdleInstance>, facts: SweepFacts): Map<string, Fate> {
    const fates = new Map<string, Fate>();
    for (const [versionKey, instances] of byVersion(idle)) {
      // The one that was used last is the next to be used.
      instances.sort((one, other) => other.idleSinceMs - one.idleSinceMs);
      let level = this.demand.inFlight(versionKey);
      for (const { instanceId, idleSinceMs } of instances) {
        level += 1;
        const idleMs = facts.nowMs - idleSinceMs;
        const fate = facts.isProvisioned(instanceId)
          ? 'hot'
          : this.#fate(versionKey, level, idleMs, facts.nowMs);
        const isTooHot = fate === 'hot' && facts.isHostShort && !facts.isProvisioned(instanceId);
        fates.set(instanceId, isTooHot ? 'deflated' : fate);
      }
    }
    return fates;
  }

  /** The functions of which instances are to be there by now. */
  *foreseen(nowMs: number): Iterable<Foresight> {
    const { policy, rules } = this.#options;
    if (policy.kind !== 'hybrid') return;
    for (const versionKey of this.demand.versionKeys()) {
      const coldMs = this.demand.coldMs(versionKey);
      for (const { level, ...demand } of this.demand.idleLevels(versionKey, nowMs)) {
        if (isForeseen(policy, rules, { demand, coldMs })) yield { versionKey, level };
      }
    }
  }

  #fate(versionKey: string, level: number, idleMs: number, nowMs: number): Fate {
    const { policy, rules } = this.#options;
    const demand = this.demand.level(versionKey, level, nowMs);
    return fateOf(policy, rules, { idleMs, demand, coldMs: this.demand.coldMs(versionKey) });
  }
}

function byVersion(idle: Iterable<IdleInstance>): Map<string, IdleInstance[]> {
  const groups = new Map<string, IdleInstance[]>();
  for (const one of idle) {
    const group = groups.get(one.versionKey);
    if (group === undefined) groups.set(one.versionKey, [one]);
    else group.push(one);
  }
  return groups;
}
