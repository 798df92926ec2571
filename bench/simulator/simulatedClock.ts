/** A clock that stands still but for what is due: it goes from one event to the next. */
import { SortedSet } from '../../src/scheduler/sortedSet.js';

export interface Alarm {
  readonly atMs: number;
  /** Of two at a time, the one that was set first rings first. */
  readonly turn: number;
  readonly ring: () => void;
}

export class SimulatedClock {
  readonly #alarms = new SortedSet<Alarm>(
    (one, other) => one.atMs - other.atMs || one.turn - other.turn,
  );
  #turns = 0;
  #nowMs = 0;

  get nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, ring: () => void): Alarm {
    this.#turns += 1;
    const alarm = { atMs: this.#nowMs + delayMs, turn: this.#turns, ring };
    this.#alarms.add(alarm);
    return alarm;
  }

  cancel(alarm: Alarm): void {
    this.#alarms.remove(alarm);
  }

  /** Goes to a time, and rings on the way what is due by then. */
  advance(toMs: number): void {
    let next = this.#alarms.first();
    while (next !== undefined && next.atMs <= toMs) {
      this.#alarms.remove(next);
      this.#nowMs = next.atMs;
      next.ring();
      next = this.#alarms.first();
    }
    this.#nowMs = toMs;
  }
}
