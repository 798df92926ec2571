/**
 * A day of a serverless platform, in the format of the Azure Functions 2019 data set ("Serverless
 * in the Wild", USENIX ATC 2020): how often each function is called in each minute, and how long
 * its calls run and how much memory its application has, as percentiles.
 */
import { type CsvRow, readRows } from './csvTable.js';
import { type Knot, Quantiles } from './quantiles.js';
import type { TraceFiles } from './traceFiles.js';

export const minutesPerDay = 1440;

export interface TracedFunction {
  readonly callsPerMinute: Uint32Array;
  readonly durationMs: Quantiles;
  readonly needMib: Quantiles;
}

export interface Trace {
  readonly functions: readonly TracedFunction[];
  /** Functions that are called and of which no duration, or no memory, is told. */
  readonly leftOut: number;
}

const durationShares = [0, 1, 25, 50, 75, 99, 100];
const memoryShares = [1, 5, 25, 50, 75, 95, 99, 100];
/** A call that takes no time at all has no logarithm. */
const leastMs = 1;

/** @throws TraceError that names the file and the line of what is wrong */
export async function readTrace(files: TraceFiles): Promise<Trace> {
  const durations = await readQuantiles(files.durations, functionKey, durationsOf);
  const memory = await readQuantiles(files.memory, appKey, memoryOf);
  const functions: TracedFunction[] = [];
  const seen = new Map<string, number>();
  let leftOut = 0;
  for await (const row of readRows(files.invocations)) {
    refuseRepeated(row, functionKey(row), seen);
    const callsPerMinute = countsOf(row);
    const durationMs = durations.get(functionKey(row));
    const needMib = memory.get(appKey(row));
    if (durationMs === undefined || needMib === undefined) leftOut += 1;
    else functions.push({ callsPerMinute, durationMs, needMib });
  }
  return { functions, leftOut };
}

async function readQuantiles(
  path: string,
  keyOf: (row: CsvRow) => string,
  quantilesOf: (row: CsvRow) => Quantiles,
): Promise<ReadonlyMap<string, Quantiles>> {
  const quantiles = new Map<string, Quantiles>();
  const seen = new Map<string, number>();
  for await (const row of readRows(path)) {
    const key = keyOf(row);
    refuseRepeated(row, key, seen);
    quantiles.set(key, quantilesOf(row));
  }
  return quantiles;
}

function refuseRepeated(row: CsvRow, key: string, seen: Map<string, number>): void {
  const line = seen.get(key);
  if (line !== undefined) throw row.refused(`says again what line ${line} says; once is allowed.`);
  seen.set(key, row.line);
}

function appKey(row: CsvRow): string {
  return `${row.text('HashOwner')} ${row.text('HashApp')}`;
}

function functionKey(row: CsvRow): string {
  return `${appKey(row)} ${row.text('HashFunction')}`;
}

function countsOf(row: CsvRow): Uint32Array {
  const prefix = row.has('minute_1') ? 'minute_' : '';
  return Uint32Array.from({ length: minutesPerDay }, (_, n) => row.count(`${prefix}${n + 1}`));
}

function durationsOf(row: CsvRow): Quantiles {
  const knots = knotsOf(row, 'percentile_Average_', durationShares);
  const positive = knots.map(({ share, value }) => ({ share, value: Math.max(leastMs, value) }));
  return new Quantiles(positive, 'logarithmic');
}

function memoryOf(row: CsvRow): Quantiles {
  const knots = knotsOf(row, 'AverageAllocatedMb_pct', memoryShares);
  return new Quantiles([{ share: 0, value: knots[0]?.value ?? 0 }, ...knots], 'even');
}

function knotsOf(row: CsvRow, prefix: string, shares: readonly number[]): readonly Knot[] {
  let leastValue = 0;
  return shares.map((percent) => {
    const value = row.number(`${prefix}${percent}`);
    if (value < leastValue) {
      throw row.refused(
        `${prefix}${percent} is ${value} and the percentile before it ${leastValue}; ` +
          'allowed are percentiles that do not fall.',
      );
    }
    leastValue = value;
    return { share: percent / 100, value };
  });
}
