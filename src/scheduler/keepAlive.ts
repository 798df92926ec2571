/**
 * What becomes of an idle instance: how long it stays hot, when it is deflated, when it is evicted,
 * when one is started ahead of a call, and who goes first where room is needed. Pure: what is known
 * goes in, a decision comes out.
 *
 * `hybrid` keeps by the histogram of idle times of "Serverless in the Wild" (USENIX ATC 2020), and
 * makes room by Greedy-Dual as FaasCache does (ASPLOS 2021). `greedy-dual` keeps everything until
 * room is needed. `fixed` keeps everything for one time, and makes room of what was idle for
 * longest. `none` keeps nothing.
 */
import type { LevelDemand } from './demand.js';
import type { IdleHistogram } from './idleHistogram.js';

export type KeepAlive =
  | { readonly kind: 'hybrid' }
  | { readonly kind: 'greedy-dual' }
  | { readonly kind: 'fixed'; readonly keepMs: number }
  | { readonly kind: 'none' };

export interface KeepAliveRules {
  /** So long an instance is hot at least: to deflate it and to plug it again costs something. */
  readonly minHotMs: number;
  /** Functions that are called more rarely than this are not waited for at full size. */
  readonly maxHotMs: number;
  /** So long every instance is kept, and no longer one of whose calls too little is known. */
  readonly leastKeepMs: number;
  /** An instance is evicted and started again ahead of the next call where that pays so much. */
  readonly minGapMs: number;
  /** Fewer idle times say nothing. */
  readonly minSamples: number;
}

export const keepAliveForms = 'hybrid, greedy-dual, fixed:SECONDS (1 to 604800), or none';

const maxFixedSeconds = 7 * 24 * 3600;

/** The policy that a text names; null of any other text. */
export function keepAliveOf(text: string): KeepAlive | null {
  if (text === 'hybrid' || text === 'greedy-dual' || text === 'none') return { kind: text };
  const seconds = Number(/^fixed:(\d{1,6})$/.exec(text)?.[1] ?? 0);
  if (seconds < 1 || seconds > maxFixedSeconds) return null;
  return { kind: 'fixed', keepMs: seconds * 1000 };
}

/** What is known of an idle instance. */
export interface IdleState {
  /** Since its last use. */
  readonly idleMs: number;
  /** Of the calls that it would serve. */
  readonly demand: LevelDemand;
  /** What starting another one takes. */
  readonly coldMs: number;
}

export type Fate = 'hot' | 'deflated' | 'evicted';

export function fateOf(policy: KeepAlive, rules: KeepAliveRules, state: IdleState): Fate {
  switch (policy.kind) {
    case 'none':
      return 'evicted';
    case 'fixed':
      return state.idleMs < policy.keepMs ? 'hot' : 'evicted';
    case 'greedy-dual':
      return state.idleMs < rules.minHotMs ? 'hot' : 'deflated';
    case 'hybrid':
      if (state.idleMs < hotMsOf(policy, rules, state.demand)) return 'hot';
      return isKept(rules, state) ? 'deflated' : 'evicted';
  }
}

/** How long an instance stays hot from the end of its use on. */
export function hotMsOf(policy: KeepAlive, rules: KeepAliveRules, demand: LevelDemand): number {
  if (policy.kind === 'fixed') return policy.keepMs;
  if (policy.kind === 'none') return 0;
  if (policy.kind === 'greedy-dual' || !isRepresentative(demand.idleTimes, rules)) {
    return rules.minHotMs;
  }
  const usualMs = demand.idleTimes.quantile(usualShare)?.toMs ?? 0;
  return usualMs <= rules.maxHotMs ? Math.max(usualMs, rules.minHotMs) : rules.minHotMs;
}

/** Whether an instance is to be there by now, ahead of the calls of an idle level. */
export function isForeseen(
  policy: KeepAlive,
  rules: KeepAliveRules,
  { demand, coldMs }: Pick<IdleState, 'demand' | 'coldMs'>,
): boolean {
  if (policy.kind !== 'hybrid') return false;
  const window = windowOf(demand.idleTimes, rules);
  if (window === null || window.fromMs === 0) return false;
  return demand.idleMs >= window.fromMs - coldMs && demand.idleMs < window.toMs;
}

/** What Greedy-Dual knows of an instance. */
export interface Worth {
  /** The clock of Greedy-Dual when it was last used. */
  readonly clock: number;
  /** How often calls come that it would serve. */
  readonly uses: number;
  readonly coldMs: number;
  /** What it costs to keep. */
  readonly chargedMib: number;
  /** When its last use ended. */
  readonly idleSinceMs: number;
}

/** The instance with the least goes first where room is needed. */
export function priorityOf(policy: KeepAlive, worth: Worth): number {
  if (policy.kind === 'fixed' || policy.kind === 'none') return worth.idleSinceMs;
  return worth.clock + (worth.uses * worth.coldMs) / Math.max(1, worth.chargedMib);
}

/** Of the idle times, so many are no longer than what an instance stays hot for. */
const usualShare = 0.9;
const earliestShare = 0.05;
const latestShare = 0.99;
/** The window begins earlier and ends later than the histogram has it, by so much. */
const margin = 0.1;
/** Below, the idle times are spread so evenly that they tell nothing. */
const minVariation = 2;
const maxBeyondShare = 0.5;

/** When the next call of a level is expected, from the moment on at which it came to be idle. */
interface Window {
  /** 0 where it is not worth evicting the instance until then. */
  readonly fromMs: number;
  readonly toMs: number;
}

function windowOf(idleTimes: IdleHistogram, rules: KeepAliveRules): Window | null {
  const earliest = idleTimes.quantile(earliestShare);
  const latest = idleTimes.quantile(latestShare);
  if (earliest === null || latest === null || !isRepresentative(idleTimes, rules)) return null;
  const fromMs = earliest.fromMs * (1 - margin);
  return { fromMs: fromMs < rules.minGapMs ? 0 : fromMs, toMs: latest.toMs * (1 + margin) };
}

function isRepresentative(idleTimes: IdleHistogram, rules: KeepAliveRules): boolean {
  return (
    idleTimes.samples >= rules.minSamples &&
    idleTimes.beyondShare <= maxBeyondShare &&
    idleTimes.variation >= minVariation
  );
}

function isKept(rules: KeepAliveRules, { idleMs, demand, coldMs }: IdleState): boolean {
  // While the level is needed, an instance too many is as idle as it is by itself.
  const levelIdleMs = demand.idleMs === 0 ? idleMs : demand.idleMs;
  // A deflated instance costs little, and it is too early to tell that no call comes.
  if (levelIdleMs < rules.leastKeepMs) return true;
  const window = windowOf(demand.idleTimes, rules);
  if (window === null) return false;
  if (levelIdleMs >= window.toMs) return false;
  return window.fromMs === 0 || levelIdleMs >= window.fromMs - coldMs;
}
