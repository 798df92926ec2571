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
 * A warm instance of the same revision comes first, the one nearest in size; then a new one; then room
 * is made by evicting idle instances, the longest idle first; else the request waits.
 */
export function place(state: PlacementState, request: PlacementRequest): Placement {
  const freeMib = state.mayTakeMemory ? state.freeMib : 0;
  const warm = nearestWarm(state.idle, request);
  const growMib = warm === null ? 0 : Math.max(0, request.chargeMib - warm.chargedMib);
  if (warm !== null && growMib <= Math.max(0, freeMib)) {
    return { kind: 'reuse', instanceId: warm.instanceId, growMib };
  }
  if (!state.mayTakeMemory) return { kind: 'wait' };
  if (warm !== null) return makeRoom(state, growMib, warm.instanceId);
  if (request.chargeMib <= freeMib) return { kind: 'boot' };
  return makeRoom(state, request.chargeMib, null);
}

function nearestWarm(
  idle: readonly IdleInstance[],
  request: PlacementRequest,
): IdleInstance | null {
  let best: IdleInstance | null = null;
  for (const one of idle) {
    if (one.functionName !== request.functionName) continue;
    if (one.revisionId !== request.revisionId) continue;
    if (request.avoid.has(one.instanceId)) continue;
    if (best === null || isNearer(one, best, request.chargeMib)) best = one;
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
  const instanceIds: string[] = [];
  for (const one of longestIdleFirst) {
    if (missingMib <= 0) break;
    instanceIds.push(one.instanceId);
    missingMib -= one.chargedMib;
  }
  if (missingMib <= 0) return { kind: 'evict', instanceIds };
  return { kind: 'wait' };
}
