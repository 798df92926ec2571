/** Where an invocation runs. Pure: a state and a request go in, a decision comes out. */

/** An idle instance, as far as placement cares. */
export interface IdleInstance {
  readonly instanceId: string;
  readonly functionName: string;
  readonly revisionId: string;
  /** What the ledger charges for it. */
  readonly chargedMib: number;
  /** When its last invocation ended, on the clock of `performance.now()`. */
  readonly idleSinceMs: number;
}

export interface PlacementRequest {
  readonly functionName: string;
  readonly revisionId: string;
  /** What an instance of the requested size is charged. */
  readonly chargeMib: number;
  /** Instances that proved unable to take this request. */
  readonly avoid: ReadonlySet<string>;
}

export interface PlacementState {
  /** Budget that is neither charged nor reserved. */
  readonly freeMib: number;
  /** Budget that evictions under way will free. */
  readonly evictingMib: number;
  readonly idle: readonly IdleInstance[];
  /** False while an earlier request waits for memory: a later one must not take it away. */
  readonly mayTakeMemory: boolean;
}

export type Placement =
  | { readonly kind: 'reuse'; readonly instanceId: string; readonly growMib: number }
  | { readonly kind: 'boot' }
  | { readonly kind: 'evict'; readonly instanceIds: readonly string[] }
  | { readonly kind: 'wait' };

/**
 * A warm instance of the same revision comes first: of those that the free memory lets grow to the
 * size, the nearest in size; then a new one; then room is made by evicting idle instances, the
 * longest idle first; else the request waits.
 */
export function place(state: PlacementState, request: PlacementRequest): Placement {
  const { chargeMib } = request;
  const freeMib = state.mayTakeMemory ? state.freeMib : 0;
  const warm = state.idle.filter((one) => suits(one, request));
  const fitting = warm.filter((one) => growthOf(one, chargeMib) <= freeMib);
  const ready = nearest(fitting, chargeMib);
  if (ready !== null) {
    return {
      kind: 'reuse',
      instanceId: ready.instanceId,
      growMib: growthOf(ready, chargeMib),
    };
  }
  if (!state.mayTakeMemory) return { kind: 'wait' };
  const tight = nearest(warm, chargeMib);
  if (tight !== null) return makeRoom(state, growthOf(tight, chargeMib), tight.instanceId);
  if (chargeMib <= freeMib) return { kind: 'boot' };
  return makeRoom(state, chargeMib, null);
}

function suits(one: IdleInstance, request: PlacementRequest): boolean {
  if (one.functionName !== request.functionName) return false;
  return one.revisionId === request.revisionId && !request.avoid.has(one.instanceId);
}

function growthOf(one: IdleInstance, chargeMib: number): number {
  return Math.max(0, chargeMib - one.chargedMib);
}

function nearest(instances: readonly IdleInstance[], chargeMib: number): IdleInstance | null {
  let best: IdleInstance | null = null;
  for (const one of instances) {
    if (best === null || isNearer(one, best, chargeMib)) best = one;
  }
  return best;
}

/** Nearer in size wins; of equals, the one used last, whose caches are the warmest. */
function isNearer(one: IdleInstance, other: IdleInstance, chargeMib: number): boolean {
  const difference = Math.abs(one.chargedMib - chargeMib) - Math.abs(other.chargedMib - chargeMib);
  return difference === 0 ? one.idleSinceMs > other.idleSinceMs : difference < 0;
}

function makeRoom(state: PlacementState, neededMib: number, keep: string | null): Placement {
  let missingMib = neededMib - state.freeMib - state.evictingMib;
  // What is being evicted already will do: evicting more would cost warm instances for nothing.
  if (missingMib <= 0) return { kind: 'wait' };
  const longestIdleFirst = state.idle
    .filter((one) => one.instanceId !== keep)
    .sort((a, b) => a.idleSinceMs - b.idleSinceMs);
  const chosen: IdleInstance[] = [];
  for (const one of longestIdleFirst) {
    if (missingMib <= 0) break;
    chosen.push(one);
    missingMib -= one.chargedMib;
  }
  if (missingMib > 0) return { kind: 'wait' };
  return { kind: 'evict', instanceIds: needed(chosen, -missingMib) };
}

/** Spares the small ones that a larger one made superfluous, those used last before the others. */
function needed(chosen: readonly IdleInstance[], excessMib: number): string[] {
  let spareMib = excessMib;
  const kept: string[] = [];
  for (const one of [...chosen].reverse()) {
    if (one.chargedMib <= spareMib) spareMib -= one.chargedMib;
    else kept.push(one.instanceId);
  }
  return kept.reverse();
}
