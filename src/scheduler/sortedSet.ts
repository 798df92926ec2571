/** A set in order. Finding, adding and removing take logarithmic time. */
import btree from 'sorted-btree';

export class SortedSet<T> {
  readonly #tree: InstanceType<typeof btree.default<T, undefined>>;

  /** @param compare A total order: what it calls equal is the same element. */
  constructor(compare: (one: T, other: T) => number) {
    this.#tree = new btree.default<T, undefined>(undefined, compare);
  }

  get size(): number {
    return this.#tree.size;
  }

  add(element: T): void {
    this.#tree.set(element, undefined);
  }

  remove(element: T): void {
    this.#tree.delete(element);
  }

  first(): T | undefined {
    return this.#tree.minKey();
  }

  /** The lowest above a place in the order, which need not be an element's. */
  after(place: T): T | undefined {
    return this.#tree.nextHigherKey(place);
  }

  /** The highest below a place in the order. */
  before(place: T): T | undefined {
    return this.#tree.nextLowerKey(place);
  }

  /** From the lowest on. The set must not change meanwhile. */
  [Symbol.iterator](): IterableIterator<T> {
    return this.#tree.keys();
  }
}
