/** One line of the benchmark: a figure of ballast's, and what it is compared with. */

type Unit = 'ms' | 'us' | 'MiB' | 'GiB s' | '%';

export interface Row {
  /** Stable: scripts rely on it. */
  readonly name: string;
  readonly unit: Unit;
  /** The median. */
  readonly ballast: number;
  readonly against: { readonly name: string; readonly value: number } | null;
  /** How many times better ballast is. */
  readonly ratio: number | null;
  /** Runs of each, taken alternately. */
  readonly n: number;
}

/** What was measured, in turns. */
export interface Samples {
  readonly ballast: readonly number[];
  readonly against: readonly number[];
}

export function rowOf(name: string, samples: Samples, againstName: string, unit: Unit = 'ms'): Row {
  const ballast = median(samples.ballast);
  const value = median(samples.against);
  return {
    name,
    unit,
    ballast,
    against: { name: againstName, value },
    ratio: rounded(value / ballast),
    n: samples.ballast.length,
  };
}

/** Of what is computed, not measured: it comes out the same each time. */
export function ratioRow(
  name: string,
  figures: { readonly ballast: number; readonly against: number },
  againstName: string,
  unit: Unit,
): Row {
  const samples = { ballast: [figures.ballast], against: [figures.against] };
  return rowOf(name, samples, againstName, unit);
}

export function lonelyRow(name: string, samples: readonly number[], unit: Unit = 'ms'): Row {
  const ballast = median(samples);
  return { name, unit, ballast, against: null, ratio: null, n: samples.length };
}

export function formatRow({ name, unit, ballast, against, ratio, n }: Row): string {
  const rate = unit === 'us' ? `${Math.round(1e6 / ballast)}/s`.padStart(11) : '';
  const figure = `${name.padEnd(28)} ${`${ballast} ${unit}`.padStart(12)}${rate}`;
  if (against === null) return `${figure}  n=${n}`;
  const than = `${against.value} ${unit}: ${against.name}`;
  if (ratio !== null && ratio < 1) return `${figure}  n=${n}  ${ratio} times as good as ${than}`;
  return `${figure}  n=${n}  ${ratio} times better than ${than}`;
}

/** Rounded to hundredths. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  const lower = sorted.length % 2 === 0 ? (sorted[middle - 1] ?? Number.NaN) : upper;
  return rounded((lower + upper) / 2);
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
