/** Traces of a few lines, in a directory that goes with its test. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';

interface Line {
  readonly name: string;
  /** Calls by their minute, from 0. */
  readonly calls: Readonly<Record<number, number>>;
  readonly durationMs: number;
  readonly needMib: number;
}

type Texts = Readonly<Record<'inv' | 'run' | 'mem', string>>;

const minutes = Array.from({ length: 1440 }, (_, n) => n);
const shares = { run: [0, 1, 25, 50, 75, 99, 100], mem: [1, 5, 25, 50, 75, 95, 99, 100] };
const columns = {
  run: shares.run.map((share) => `percentile_Average_${share}`),
  mem: shares.mem.map((share) => `AverageAllocatedMb_pct${share}`),
};

/** Functions that each take one time and one size. */
export function traceTexts(lines: readonly Line[], minutePrefix = 'minute_'): Texts {
  const table = (head: readonly string[], rows: readonly (readonly unknown[])[]) =>
    [head, ...rows].map((cells) => `${cells.join(',')}\n`).join('');
  const each = (count: number, value: number) => Array.from({ length: count }, () => value);
  return {
    inv: table(
      ['HashOwner', 'HashApp', 'HashFunction', ...minutes.map((n) => `${minutePrefix}${n + 1}`)],
      lines.map(({ name, calls }) => ['o', name, name, ...minutes.map((n) => calls[n] ?? 0)]),
    ),
    run: table(
      ['HashOwner', 'HashApp', 'HashFunction', ...columns.run],
      lines.map(({ name, durationMs }) => ['o', name, name, ...each(7, durationMs)]),
    ),
    mem: table(
      ['HashOwner', 'HashApp', ...columns.mem],
      lines.map(({ name, needMib }) => ['o', name, ...each(8, needMib)]),
    ),
  };
}

/** Writes a trace, and returns its prefix. */
export async function writeTrace(t: Test, texts: Texts): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'ballast-trace-'));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  for (const [kind, text] of Object.entries(texts)) {
    await writeFile(join(directory, `small_${kind}.csv`), text);
  }
  return join(directory, 'small');
}
