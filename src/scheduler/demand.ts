/**
 * When each version of a function was called, and what it took: what the policies decide by. All
 * clocks are arguments, so that a simulation can have its own.
 */
import { type DecayingSum, nothingYet, sumAt, withMore } from './decayingSum.js';
import { IdleHistogram } from './idleHistogram.js';
import { groupOf, lowestOf } from './levels.js';

/** Of how often a version is called, half is forgotten in this time. */
const usesHalfLifeMs = 30 * 60_000;
/** The newest of what was measured counts so much. */
const newestShare = 0.3;
/** Until a start or a call was measured. */
const unknownColdMs = 1_000;
const unknownDurationMs = 1_000;

/** What is known of one level of a version's concurrency, as of now. */
export interface LevelDemand {
  readonly idleTimes: IdleHistogram;
  /** How long the level has not been needed; 0 while it is. */
  readonly idleMs: number;
}

interface Level {
  readonly idleTimes: IdleHistogram;
  /** When it came to be idle; null while it is needed. */
  idleSinceMs: number | null;
  uses: DecayingSum;
  /** Whether an instance was started for it ahead of a call, since it came to be idle. */
  isForeseen: boolean;
}

interface History {
  inFlight: number;
  /** By the group of levels. */
  readonly levels: Map<number, Level>;
  coldMs: number | null;
  durationMs: number | null;
}

const unknown: LevelDemand = { idleTimes: new IdleHistogram(), idleMs: 0 };

export class Demand {
  readonly #histories = new Map<string, History>();

  /** Notes a call; `ended` has to follow. */
  called(versionKey: string, nowMs: number): void {
    const history = this.#historyOf(versionKey);
    history.inFlight += 1;
    const group = groupOf(history.inFlight);
    if (lowestOf(group) === history.inFlight) this.#needed(history, group, nowMs);
    const level = history.levels.get(group);
    if (level !== undefined) level.uses = withMore(level.uses, 1, nowMs, usesHalfLifeMs);
  }

  /** Notes the end of a call. */
  ended(versionKey: string, nowMs: number): void {
    const history = this.#histories.get(versionKey);
    if (history === undefined || history.inFlight === 0) return;
    const group = groupOf(history.inFlight);
    const level = history.levels.get(group);
    if (lowestOf(group) === history.inFlight && level !== undefined) level.idleSinceMs = nowMs;
    history.inFlight -= 1;
    if (history.inFlight === 0 && history.levels.size === 0) this.#histories.delete(versionKey);
  }

  /** Notes how long it took to start an instance, until it could be invoked. */
  started(versionKey: string, coldMs: number): void {
    const history = this.#historyOf(versionKey);
    history.coldMs = averaged(history.coldMs, coldMs);
  }

  /** Notes how long an invocation ran. */
  ran(versionKey: string, durationMs: number): void {
    const history = this.#historyOf(versionKey);
    history.durationMs = averaged(history.durationMs, durationMs);
  }

  /** Notes that an instance was started ahead of the calls that come to this level. */
  foreseen(versionKey: string, level: number): void {
    const known = this.#histories.get(versionKey)?.levels.get(groupOf(level));
    if (known !== undefined) known.isForeseen = true;
  }

  /** Forgets all of a version but that calls of it still run. */
  forget(versionKey: string): void {
    const inFlight = this.inFlight(versionKey);
    this.#histories.delete(versionKey);
    if (inFlight > 0) this.#historyOf(versionKey).inFlight = inFlight;
  }

  versionKeys(): Iterable<string> {
    return this.#histories.keys();
  }

  inFlight(versionKey: string): number {
    return this.#histories.get(versionKey)?.inFlight ?? 0;
  }

  coldMs(versionKey: string): number {
    return this.#histories.get(versionKey)?.coldMs ?? unknownColdMs;
  }

  durationMs(versionKey: string): number {
    return this.#histories.get(versionKey)?.durationMs ?? unknownDurationMs;
  }

  /** What is known of the calls that come when `level - 1` others run. */
  level(versionKey: string, level: number, nowMs: number): LevelDemand {
    const known = this.#histories.get(versionKey)?.levels.get(groupOf(level));
    return known === undefined ? unknown : viewOf(known, nowMs);
  }

  /** How often calls come to a level, what is long past counting less. */
  uses(versionKey: string, level: number, nowMs: number): number {
    const known = this.#histories.get(versionKey)?.levels.get(groupOf(level));
    return known === undefined ? 0 : sumAt(known.uses, nowMs, usesHalfLifeMs);
  }

  /** Levels that are idle and that no instance was started for since, the lowest of each group. */
  *idleLevels(versionKey: string, nowMs: number): Iterable<LevelDemand & { level: number }> {
    const levels = this.#histories.get(versionKey)?.levels ?? [];
    for (const [group, known] of levels) {
      if (known.idleSinceMs === null || known.isForeseen) continue;
      yield { ...viewOf(known, nowMs), level: lowestOf(group) };
    }
  }

  #needed({ levels }: History, group: number, nowMs: number): void {
    const level = levels.get(group);
    if (level === undefined) {
      const idleTimes = new IdleHistogram();
      levels.set(group, { idleTimes, idleSinceMs: null, uses: nothingYet, isForeseen: false });
      return;
    }
    if (level.idleSinceMs !== null) level.idleTimes.record(nowMs - level.idleSinceMs);
    level.idleSinceMs = null;
    level.isForeseen = false;
  }

  #historyOf(versionKey: string): History {
    const known = this.#histories.get(versionKey);
    if (known !== undefined) return known;
    const history = { inFlight: 0, levels: new Map(), coldMs: null, durationMs: null };
    this.#histories.set(versionKey, history);
    return history;
  }
}

function viewOf({ idleTimes, idleSinceMs }: Level, nowMs: number): LevelDemand {
  return { idleTimes, idleMs: idleSinceMs === null ? 0 : Math.max(0, nowMs - idleSinceMs) };
}

function averaged(known: number | null, newest: number): number {
  return known === null ? newest : known + (newest - known) * newestShare;
}
