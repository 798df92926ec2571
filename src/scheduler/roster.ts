/**
 * Who there is: the instances of each function, those that are idle in the orders in which they are
 * chosen, and which of them are spared for their function. All clocks are arguments.
 */
import type { RevisionName } from '../model/function.js';
import type { Concurrency } from './concurrency.js';
import { IdleIndex, type IdleInstance, type IdleView } from './idleIndex.js';
import type { Fate } from './keepAlive.js';
import type { Keeper, Standing } from './keeper.js';
import { versionKey } from './versionKey.js';

/** What an idle instance costs. */
export interface IdleCost {
  readonly chargedMib: number;
  readonly deflatableMib: number;
}

interface Member {
  readonly fn: RevisionName;
  /** What it was worth when its last use ended; null before. */
  standing: Standing | null;
}

export class Roster {
  readonly #keeper: Keeper;
  readonly #concurrency: Concurrency;
  readonly #index = new IdleIndex();
  readonly #members = new Map<string, Member>();
  /** The ids of each function's instances, by its name. */
  readonly #byFunction = new Map<string, Set<string>>();

  constructor(keeper: Keeper, concurrency: Concurrency) {
    this.#keeper = keeper;
    this.#concurrency = concurrency;
  }

  /** The instances that placement may choose from. */
  get idle(): IdleView {
    return this.#index;
  }

  /** How many instances of a function there are. */
  countOf(functionName: string): number {
    return this.#byFunction.get(functionName)?.size ?? 0;
  }

  /** How many there are of its revision. */
  countAlike({ functionName, revisionId }: RevisionName): number {
    const members = [...(this.#byFunction.get(functionName) ?? [])];
    return members.filter((id) => this.#members.get(id)?.fn.revisionId === revisionId).length;
  }

  /** An instance is being started. */
  join(instanceId: string, fn: RevisionName): void {
    this.#members.set(instanceId, { fn, standing: null });
    const members = this.#byFunction.get(fn.functionName) ?? new Set();
    this.#byFunction.set(fn.functionName, members.add(instanceId));
    this.protect(fn.functionName);
  }

  /** An instance has gone, or will. */
  leave(instanceId: string): void {
    const member = this.#members.get(instanceId);
    if (member === undefined) return;
    const { functionName } = member.fn;
    this.#index.remove(instanceId);
    this.#members.delete(instanceId);
    const members = this.#byFunction.get(functionName);
    members?.delete(instanceId);
    if (members?.size === 0) this.#byFunction.delete(functionName);
    this.protect(functionName);
  }

  /** A use of an instance ends: it is worth what its function's calls say now. */
  used(instanceId: string, nowMs: number): void {
    const member = this.#members.get(instanceId);
    if (member !== undefined) {
      member.standing = this.#keeper.standing(versionKey(member.fn), nowMs);
    }
  }

  /** An instance is idle, or what it costs while it is has changed. */
  rest(instanceId: string, { chargedMib, deflatableMib }: IdleCost): void {
    const member = this.#members.get(instanceId);
    if (member === undefined || member.standing === null) return;
    const { fn, standing } = member;
    this.#index.put({
      instanceId,
      functionName: fn.functionName,
      versionKey: versionKey(fn),
      revisionId: fn.revisionId,
      chargedMib,
      deflatableMib,
      idleSinceMs: standing.idleSinceMs,
      hotUntilMs: standing.hotUntilMs,
      priority: this.#keeper.priority(standing, chargedMib),
      isProtected: false,
    });
    this.protect(fn.functionName);
  }

  /** An instance is idle no more. */
  take(instanceId: string): void {
    const one = this.#index.get(instanceId);
    if (one === undefined) return;
    this.#index.remove(instanceId);
    this.protect(one.functionName);
  }

  /** What becomes of each idle instance. */
  fates(nowMs: number, isHostShort: boolean): Map<string, Fate> {
    const provisioned = this.#provisioned();
    const isProvisioned = (instanceId: string) => provisioned.has(instanceId);
    return this.#keeper.fates(this.#index.all(), { nowMs, isHostShort, isProvisioned });
  }

  /** Whether an instance whose use has just ended is to go at once. */
  isSpent(instanceId: string, nowMs: number): boolean {
    const one = this.#index.get(instanceId);
    if (one === undefined) return false;
    const fate = this.#keeper.fateAtOnce(one.versionKey, nowMs);
    return fate === 'evicted' && !this.#provisioned().has(instanceId);
  }

  /** Spares as many idle instances of a function as are kept for it. */
  protect(functionName: string): void {
    const concurrency = this.#concurrency;
    if (!concurrency.isKept(functionName)) return;
    const idle = this.#idleOf(functionName);
    const instances = this.countOf(functionName);
    concurrency.noted(functionName, { instances, idle: idle.length });
    const isProvisioned = ({ instanceId }: IdleInstance): number => {
      const fn = this.#members.get(instanceId)?.fn;
      return fn !== undefined && concurrency.provisionOf(fn) > 0 ? 1 : 0;
    };
    // Sorting is stable: of equals, those used last are spared.
    idle.sort((one, other) => isProvisioned(other) - isProvisioned(one));
    this.#spare(idle, concurrency.protectedIdle(functionName));
  }

  /** Spares nothing of a function any more. */
  expose(functionName: string): void {
    this.#spare(this.#idleOf(functionName), 0);
  }

  #spare(idle: readonly IdleInstance[], count: number): void {
    for (const [nth, one] of idle.entries()) {
      if (one.isProtected !== nth < count) this.#index.put({ ...one, isProtected: nth < count });
    }
  }

  /** The idle instances of a function, the one used last first. */
  #idleOf(functionName: string): IdleInstance[] {
    const members = [...(this.#byFunction.get(functionName) ?? [])];
    const idle = members.flatMap((instanceId) => this.#index.get(instanceId) ?? []);
    return idle.sort((one, other) => other.idleSinceMs - one.idleSinceMs);
  }

  /** The idle instances that are to be hot at all times. */
  #provisioned(): ReadonlySet<string> {
    const hot = new Set<string>();
    for (const { fn, count } of this.#concurrency.provisions()) {
      const { functionName, revisionId } = fn;
      const idle = this.#idleOf(functionName).filter((one) => one.revisionId === revisionId);
      const inUse = this.countAlike(fn) - idle.length;
      for (const one of idle.slice(0, Math.max(0, count - inUse))) hot.add(one.instanceId);
    }
    return hot;
  }
}
