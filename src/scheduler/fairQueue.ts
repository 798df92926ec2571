/**
 * Whose turn it is among the functions that wait: start-time fair queueing (Goyal, Vin and Cheng,
 * 1996). Each entry costs something, and of two functions that wait all the time neither is served
 * more than the other by more than what one entry of each costs. Within one function the first to
 * come is the first to be served.
 */
import { SortedSet } from './sortedSet.js';

interface Entry<T> {
  readonly item: T;
  readonly functionName: string;
  readonly cost: number;
  /** Order of arrival. */
  readonly turn: number;
}

/** The entries of one function. */
interface Flow<T> {
  readonly functionName: string;
  readonly entries: Set<Entry<T>>;
  /** Where its next entry starts, on the clock of the queue: the service that it has had. */
  start: number;
  /** Of its next entry. */
  turn: number;
}

export class FairQueue<T> {
  readonly #flows = new Map<string, Flow<T>>();
  readonly #entries = new Map<T, Entry<T>>();
  readonly #order = new SortedSet<Flow<T>>(byStart);
  /** The queue's clock: the start of what was served last. */
  #clock = 0;
  #turns = 0;

  get length(): number {
    return this.#entries.size;
  }

  items(): Iterable<T> {
    return this.#entries.keys();
  }

  /** @param cost Above 0, in the unit of all costs of this queue */
  add(item: T, functionName: string, cost: number): void {
    this.#turns += 1;
    const entry = { item, functionName, cost, turn: this.#turns };
    this.#entries.set(item, entry);
    const flow = this.#flows.get(functionName) ?? {
      functionName,
      entries: new Set(),
      start: this.#clock,
      turn: 0,
    };
    this.#flows.set(functionName, flow);
    flow.entries.add(entry);
    if (flow.entries.size > 1) return;
    flow.start = Math.max(this.#clock, flow.start);
    this.#enter(flow);
  }

  /** The functions of which anything waits, in the order of turns. */
  functionNames(): string[] {
    return Array.from(this.#order, ({ functionName }) => functionName);
  }

  /** Takes out what waits no more, as if it had never come. */
  remove(item: T): void {
    const entry = this.#entries.get(item);
    if (entry !== undefined) this.#remove(entry, 0);
  }

  /**
   * Shows what waits to `decide`, in the order of turns, and takes out what it serves, until it
   * serves one no more. What comes meanwhile is not shown.
   */
  offer(decide: (item: T) => boolean): void {
    const lastTurn = this.#turns;
    for (let flow = this.#order.first(); flow !== undefined; ) {
      const place = { ...flow };
      const [entry] = flow.entries;
      if (entry !== undefined && entry.turn <= lastTurn) {
        if (!decide(entry.item)) return;
        this.#serve(entry);
      }
      // Whoever was served comes later in the order now.
      flow = this.#order.after(place);
    }
  }

  /** Shows all that waits of one function, out of its turn, and takes out what is served. */
  offerTo(functionName: string, decide: (item: T) => boolean): void {
    const lastTurn = this.#turns;
    for (const entry of this.#flows.get(functionName)?.entries ?? []) {
      if (entry.turn > lastTurn) return;
      if (decide(entry.item)) this.#serve(entry);
    }
  }

  #serve(entry: Entry<T>): void {
    // Whoever decided may have taken it out already.
    if (this.#entries.get(entry.item) !== entry) return;
    this.#clock = Math.max(this.#clock, this.#flowOf(entry).start);
    this.#remove(entry, entry.cost);
  }

  #remove(entry: Entry<T>, cost: number): void {
    const flow = this.#flowOf(entry);
    this.#entries.delete(entry.item);
    this.#order.remove(flow);
    flow.entries.delete(entry);
    flow.start += cost;
    if (flow.entries.size > 0) this.#enter(flow);
    if (this.#entries.size === 0) this.#startAnew();
  }

  /** Puts a function in its place in the order, by its first entry. */
  #enter(flow: Flow<T>): void {
    const [first] = flow.entries;
    flow.turn = first?.turn ?? 0;
    this.#order.add(flow);
  }

  #flowOf(entry: Entry<T>): Flow<T> {
    const flow = this.#flows.get(entry.functionName);
    if (flow === undefined) throw new Error(`Nothing of ${entry.functionName} waits.`);
    return flow;
  }

  /** Nobody waits: who was served before has taken nothing from whoever comes next. */
  #startAnew(): void {
    this.#flows.clear();
    this.#clock = 0;
  }
}

function byStart<T>(one: Flow<T>, other: Flow<T>): number {
  return one.start - other.start || one.turn - other.turn;
}
