/** Where an invocation runs. Pure: a state and a request go in, a decision comes out. */
import type { IdleInstance, IdleView } from './idleIndex.js';

export interface PlacementRequest {
  readonly functionName: string;
  readonly revisionId: string;
  /** What an instance of the requested size is charged. */
  readonly chargeMib: number;
  /** What a new one is charged until its first claim: more where it is provisioned at once. */
  readonly bootChargeMib: number;
  /** Instances that proved unable to take this request. */
  readonly avoid: ReadonlySet<string>;
  /** So many have proved unable that it is to have a new one. */
  readonly wantsNew: boolean;
}

export interface PlacementState {
  /**
   * Budget that is neither charged, nor reserved, nor kept for another function. Less than nothing
   * where more is kept than is left.
   */
  readonly freeMib: number;
  /** Budget that evictions and deflations under way will free. */
  readonly comingMib: number;
  readonly idle: IdleView;
  /** False while an earlier request waits for memory: a later one must not take it away. */
  readonly mayTakeMemory: boolean;
  /** False while as many instances boot as may at a time. */
  readonly mayBoot: boolean;
}

export type Placement =
  | { readonly kind: 'reuse'; readonly instanceId: string; readonly growMib: number }
  | { readonly kind: 'boot' }
  | { readonly kind: 'deflate'; readonly instanceIds: readonly string[] }
  | { readonly kind: 'evict'; readonly instanceIds: readonly string[] }
  | { readonly kind: 'wait' };

/**
 * A warm instance of the same revision comes first: of those that the free memory lets grow to the
 * size, the nearest in size; then a new one; then room is made by deflating idle instances, the
 * least likely called first, or, where that is not enough, by evicting those that are worth the
 * least; else the request waits.
 */
export function place(state: PlacementState, request: PlacementRequest): Placement {
  const freeMib = state.mayTakeMemory ? Math.max(0, state.freeMib) : 0;
  const ready = warm(state, request, freeMib);
  if (ready !== null) {
    const growMib = growthOf(ready, request.chargeMib);
    return { kind: 'reuse', instanceId: ready.instanceId, growMib };
  }
  if (!state.mayTakeMemory) return { kind: 'wait' };
  const tight = warm(state, request, Number.POSITIVE_INFINITY);
  if (tight !== null) return makeRoomToGrow(state, request, tight) ?? { kind: 'wait' };
  if (!state.mayBoot) return { kind: 'wait' };
  if (request.bootChargeMib <= freeMib) return { kind: 'boot' };
  return makeRoom(state, request.bootChargeMib, null) ?? { kind: 'wait' };
}

function warm(
  { idle }: PlacementState,
  { functionName, revisionId, chargeMib, avoid, wantsNew }: PlacementRequest,
  growMib: number,
): IdleInstance | null {
  return wantsNew ? null : idle.nearest({ functionName, revisionId, chargeMib, avoid, growMib });
}

/**
 * For the nearest in size; where that cannot be, for one that is kept for its function: nobody else
 * may have its memory, so the nearest may go that it can grow.
 */
function makeRoomToGrow(
  state: PlacementState,
  request: PlacementRequest,
  nearest: IdleInstance,
): Placement | null {
  const room = makeRoom(state, growthOf(nearest, request.chargeMib), nearest);
  if (room !== null) return room;
  const growMib = Number.POSITIVE_INFINITY;
  const kept = state.idle.nearest({ ...request, growMib, isProtected: true });
  return kept === null ? null : makeRoom(state, growthOf(kept, request.chargeMib), kept);
}

function growthOf(one: IdleInstance, chargeMib: number): number {
  return Math.max(0, chargeMib - one.chargedMib);
}

/** Null where nothing that may go would do. */
function makeRoom(
  { idle, freeMib, comingMib }: PlacementState,
  neededMib: number,
  keep: IdleInstance | null,
): Placement | null {
  const missingMib = neededMib - freeMib - comingMib;
  // What is on its way will do: evicting more would cost warm instances for nothing.
  if (missingMib <= 0) return { kind: 'wait' };
  const kept = keep?.isProtected === true ? null : keep;
  if (idle.deflatableMib - (kept?.deflatableMib ?? 0) >= missingMib) {
    const instanceIds = choose(idle.inDeflationOrder(), missingMib, keep, deflatableOf);
    return { kind: 'deflate', instanceIds };
  }
  if (idle.evictableMib - (kept?.chargedMib ?? 0) >= missingMib) {
    const instanceIds = choose(idle.inEvictionOrder(), missingMib, keep, chargedOf);
    return { kind: 'evict', instanceIds };
  }
  return null;
}

const deflatableOf = (one: IdleInstance): number => one.deflatableMib;
const chargedOf = (one: IdleInstance): number => one.chargedMib;

/** The first of them that free enough together, without those that are not needed. */
function choose(
  order: Iterable<IdleInstance>,
  neededMib: number,
  keep: IdleInstance | null,
  freedMib: (one: IdleInstance) => number,
): readonly string[] {
  let missingMib = neededMib;
  const chosen: IdleInstance[] = [];
  for (const one of order) {
    if (one.instanceId === keep?.instanceId) continue;
    chosen.push(one);
    missingMib -= freedMib(one);
    if (missingMib <= 0) break;
  }
  // Those that are worth more are spared before the others.
  let spareMib = -missingMib;
  const kept: string[] = [];
  for (const one of chosen.reverse()) {
    if (freedMib(one) <= spareMib) spareMib -= freedMib(one);
    else kept.push(one.instanceId);
  }
  return kept.reverse();
}
