/**
 * The idle instances in the orders in which they are chosen, so that no choice has to look at all
 * of them. Adding, removing and choosing take logarithmic time.
 */
import { SortedSet } from './sortedSet.js';

/** An idle instance, as far as placement cares. */
export interface IdleInstance {
  readonly instanceId: string;
  readonly functionName: string;
  /** Of the version that it belongs to. */
  readonly versionKey: string;
  readonly revisionId: string;
  /** What the ledger charges for it. */
  readonly chargedMib: number;
  /** What deflating it would free; 0 for one that is deflated. */
  readonly deflatableMib: number;
  /** When its last invocation ended, on the clock of `performance.now()`. */
  readonly idleSinceMs: number;
  /** When nobody is likely to call it soon any more, on the same clock. */
  readonly hotUntilMs: number;
  /** What it is worth to keep: the least goes first where room is needed. */
  readonly priority: number;
  /** Kept for its function, whoever else needs the room. */
  readonly isProtected: boolean;
}

/** What a warm instance is looked for. */
export interface WarmWish {
  readonly functionName: string;
  readonly revisionId: string;
  /** What an instance of the requested size is charged. */
  readonly chargeMib: number;
  /** What the instance may grow by at the most. */
  readonly growMib: number;
  /** Instances that proved unable. */
  readonly avoid: ReadonlySet<string>;
  /** Only among those that are kept for their function; else among all. */
  readonly isProtected?: true;
}

/** What placement sees of the idle instances. */
export interface IdleView {
  /** Of the instances that suit, the nearest in size; of equals, the one used last. */
  nearest(wish: WarmWish): IdleInstance | null;
  /** What deflating and what evicting all that are not protected would free. */
  readonly deflatableMib: number;
  readonly evictableMib: number;
  get(instanceId: string): IdleInstance | undefined;
  /** Whether any instance of a function is idle. */
  hasAny(functionName: string): boolean;
  /** Those of which deflating would free something, the least likely called first. */
  inDeflationOrder(): Iterable<IdleInstance>;
  /** Those that may be evicted, the one that is worth the least first. */
  inEvictionOrder(): Iterable<IdleInstance>;
}

export class IdleIndex implements IdleView {
  readonly #byId = new Map<string, IdleInstance>();
  /** The instances of each revision, the smallest first; of equals, the one used last. */
  readonly #bySize = new Map<string, SortedSet<IdleInstance>>();
  /** The same of those that are protected. */
  readonly #protectedBySize = new Map<string, SortedSet<IdleInstance>>();
  /** How many there are of each function. */
  readonly #counts = new Map<string, number>();
  readonly #byHotness = new SortedSet<IdleInstance>(byHotness);
  readonly #byPriority = new SortedSet<IdleInstance>(byPriority);
  #deflatableMib = 0;
  #evictableMib = 0;

  get size(): number {
    return this.#byId.size;
  }

  get deflatableMib(): number {
    return this.#deflatableMib;
  }

  get evictableMib(): number {
    return this.#evictableMib;
  }

  get(instanceId: string): IdleInstance | undefined {
    return this.#byId.get(instanceId);
  }

  hasAny(functionName: string): boolean {
    return this.#counts.has(functionName);
  }

  all(): Iterable<IdleInstance> {
    return this.#byId.values();
  }

  /** Adds an instance, in place of what was known of it before. */
  put(one: IdleInstance): void {
    this.remove(one.instanceId);
    this.#byId.set(one.instanceId, one);
    this.#counts.set(one.functionName, (this.#counts.get(one.functionName) ?? 0) + 1);
    addTo(this.#bySize, one);
    if (one.isProtected) {
      addTo(this.#protectedBySize, one);
      return;
    }
    this.#byPriority.add(one);
    this.#evictableMib += one.chargedMib;
    if (one.deflatableMib === 0) return;
    this.#byHotness.add(one);
    this.#deflatableMib += one.deflatableMib;
  }

  remove(instanceId: string): void {
    const one = this.#byId.get(instanceId);
    if (one === undefined) return;
    this.#byId.delete(instanceId);
    const count = (this.#counts.get(one.functionName) ?? 1) - 1;
    if (count === 0) this.#counts.delete(one.functionName);
    else this.#counts.set(one.functionName, count);
    removeFrom(this.#bySize, one);
    if (one.isProtected) {
      removeFrom(this.#protectedBySize, one);
      return;
    }
    this.#byPriority.remove(one);
    this.#evictableMib -= one.chargedMib;
    if (one.deflatableMib === 0) return;
    this.#byHotness.remove(one);
    this.#deflatableMib -= one.deflatableMib;
  }

  nearest(wish: WarmWish): IdleInstance | null {
    const among = wish.isProtected === true ? this.#protectedBySize : this.#bySize;
    const sizes = among.get(revisionKey(wish));
    if (sizes === undefined) return null;
    const above = atLeast(sizes, wish);
    const below = less(sizes, wish);
    if (above === null || below === null) return above ?? below;
    const difference = above.chargedMib - wish.chargeMib - (wish.chargeMib - below.chargedMib);
    if (difference === 0) return above.idleSinceMs > below.idleSinceMs ? above : below;
    return difference < 0 ? above : below;
  }

  inDeflationOrder(): Iterable<IdleInstance> {
    return this.#byHotness;
  }

  inEvictionOrder(): Iterable<IdleInstance> {
    return this.#byPriority;
  }
}

type BySize = Map<string, SortedSet<IdleInstance>>;

function addTo(revisions: BySize, one: IdleInstance): void {
  const key = revisionKey(one);
  const sizes = revisions.get(key) ?? new SortedSet<IdleInstance>(bySize);
  revisions.set(key, sizes);
  sizes.add(one);
}

function removeFrom(revisions: BySize, one: IdleInstance): void {
  const key = revisionKey(one);
  const sizes = revisions.get(key);
  sizes?.remove(one);
  if (sizes?.size === 0) revisions.delete(key);
}

/** The smallest that need not grow; of equals, the one used last. */
function atLeast(sizes: SortedSet<IdleInstance>, wish: WarmWish): IdleInstance | null {
  let one = sizes.after(before(wish, wish.chargeMib));
  while (one !== undefined && wish.avoid.has(one.instanceId)) one = sizes.after(one);
  return one ?? null;
}

/** The largest that may grow to the size; of equals, the one used last. */
function less(sizes: SortedSet<IdleInstance>, wish: WarmWish): IdleInstance | null {
  let place = before(wish, wish.chargeMib);
  for (;;) {
    const largest = sizes.before(place);
    if (largest === undefined || wish.chargeMib - largest.chargedMib > wish.growMib) return null;
    place = before(wish, largest.chargedMib);
    let one = sizes.after(place);
    while (one?.chargedMib === largest.chargedMib && wish.avoid.has(one.instanceId)) {
      one = sizes.after(one);
    }
    if (one?.chargedMib === largest.chargedMib) return one;
  }
}

/** The place before all instances of a charge. */
function before({ functionName, revisionId }: WarmWish, chargedMib: number): IdleInstance {
  return {
    instanceId: '',
    functionName,
    versionKey: '',
    revisionId,
    chargedMib,
    deflatableMib: 0,
    idleSinceMs: Number.POSITIVE_INFINITY,
    hotUntilMs: 0,
    priority: 0,
    isProtected: false,
  };
}

/** No function's name has a space. */
function revisionKey(of: { readonly functionName: string; readonly revisionId: string }): string {
  return `${of.functionName} ${of.revisionId}`;
}

function bySize(one: IdleInstance, other: IdleInstance): number {
  return (
    one.chargedMib - other.chargedMib ||
    compare(other.idleSinceMs, one.idleSinceMs) ||
    compare(one.instanceId, other.instanceId)
  );
}

function byHotness(one: IdleInstance, other: IdleInstance): number {
  return (
    compare(one.hotUntilMs, other.hotUntilMs) ||
    compare(one.idleSinceMs, other.idleSinceMs) ||
    compare(one.instanceId, other.instanceId)
  );
}

function byPriority(one: IdleInstance, other: IdleInstance): number {
  return (
    compare(one.priority, other.priority) ||
    compare(one.idleSinceMs, other.idleSinceMs) ||
    compare(one.instanceId, other.instanceId)
  );
}

/** Differences of infinite numbers would not do. */
function compare<T extends number | string>(one: T, other: T): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
