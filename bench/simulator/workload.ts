/**
 * The calls of a day, drawn from a trace: within its minute each comes at any time, and takes as
 * long and as much memory as the percentiles say. The same seed draws the same calls, for whichever
 * policy serves them.
 */
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { limits } from '../../src/model/limits.js';
import { minutesPerDay, type Trace, type TracedFunction } from './trace.js';

const minuteMs = 60_000;
export const dayMs = minutesPerDay * minuteMs;
/** Functions are given memory in steps of this where an instance has one size: Azure, OpenWhisk. */
const stepMib = 128;

export interface Call {
  readonly atMs: number;
  /** Its function's number in the trace. */
  readonly fn: number;
  readonly durationMs: number;
  /** The size that it needs. */
  readonly needMib: number;
}

export interface Workload {
  /** By their time. */
  readonly calls: Iterable<Call>;
  /** Of each function, the one size that is enough for all of its calls. */
  readonly fullMib: readonly number[];
}

/** @param maxMib The largest size that an instance can have: what needs more is given that */
export function drawWorkload({ functions }: Trace, seed: number, maxMib: number): Workload {
  const sizeOf = (mib: number) => Math.min(maxMib, Math.max(limits.minMemoryMib, Math.ceil(mib)));
  const inSteps = (mib: number) => Math.ceil(mib / stepMib) * stepMib;
  return {
    calls: { [Symbol.iterator]: () => draw(functions, seed, sizeOf) },
    fullMib: functions.map(({ needMib }) => sizeOf(inSteps(needMib.largest))),
  };
}

/** Minute by minute, since a whole day would be hundreds of MiB. */
function* draw(
  functions: readonly TracedFunction[],
  seed: number,
  sizeOf: (mib: number) => number,
): Generator<Call> {
  const random = xoroshiro128plus(seed);
  const share = () => uniformFloat64(random);
  for (let minute = 0; minute < minutesPerDay; minute += 1) {
    const calls: Call[] = [];
    for (const [fn, { callsPerMinute, durationMs, needMib }] of functions.entries()) {
      for (let left = callsPerMinute[minute] ?? 0; left > 0; left -= 1) {
        calls.push({
          atMs: (minute + share()) * minuteMs,
          fn,
          durationMs: durationMs.at(share()),
          needMib: sizeOf(needMib.at(share())),
        });
      }
    }
    yield* calls.sort((one, other) => one.atMs - other.atMs);
  }
}
