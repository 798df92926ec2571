/**
 * Measures this checkout, each figure beside what it is compared with, in one run. `BENCH_ONLY`
 * names groups of rows, with commas between; `BENCH_JSON=FILE` has the rows written there as well,
 * `BENCH_SVG=FILE` the picture of `docs/memory.md`, and `BENCH_COLD_SVG=FILE` that of
 * `docs/cold-starts.md`, which is of the rows `cold`. `BENCH_TRACE` is the trace of `trace-day`.
 */
import { writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { drawColdStarts } from './coldPicture.js';
import { Ground } from './ground.js';
import { chosenGroups, needsGround } from './groups.js';
import { picture } from './picture.js';
import { formatRow, type Row } from './row.js';
import { resize20 } from './rows/burst.js';
import { calls } from './rows/calls.js';
import { bulk, coldStarts } from './rows/cold.js';
import { coldBurst } from './rows/coldBurst.js';
import { invocations } from './rows/invocations.js';
import { placements } from './rows/placement.js';
import { claim2048, claimCooperation, grow512 } from './rows/resizes.js';
import { traceDay } from './rows/traceDay.js';
import { TraceError } from './simulator/csvTable.js';

const { BENCH_ONLY, BENCH_JSON, BENCH_SVG, BENCH_COLD_SVG } = process.env;
const { BENCH_TRACE = '../shared/traces/70' } = process.env;
const chosen = chosenOrExit(BENCH_ONLY);
const isGroundNeeded = needsGround(chosen) || BENCH_SVG !== undefined;
const rows: Row[] = [];

function chosenOrExit(text: string | undefined): ReturnType<typeof chosenGroups> {
  try {
    return chosenGroups(text);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    process.stderr.write(`bench: ${error.message}\n`);
    process.exit(2);
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function add(...more: readonly Row[]): void {
  rows.push(...more);
  for (const row of more) say(formatRow(row));
}

const machine: Record<string, unknown> = {
  cpus: cpus().length,
  cpuModel: cpus()[0]?.model ?? 'unknown',
  memoryMib: Math.round(totalmem() / (1024 * 1024)),
  node: process.version,
};

// The calls come first, while nothing else runs on the host.
if (chosen.has('calls')) add(...(await calls()));
if (chosen.has('placement')) add(...placements());
if (chosen.has('trace-day')) await addTraceDay();
if (isGroundNeeded) await onGround();
say(`[bench] ${JSON.stringify(machine)}`);
if (BENCH_JSON !== undefined) {
  await writeFile(BENCH_JSON, `${JSON.stringify({ machine, rows }, null, 2)}\n`);
}

/** The trace is not part of the project: without it, its rows are left out. */
async function addTraceDay(): Promise<void> {
  try {
    add(...(await traceDay(BENCH_TRACE)));
  } catch (error) {
    if (!(error instanceof TraceError)) throw error;
    say(`trace-day is left out: ${error.message}`);
  }
}

async function onGround(): Promise<void> {
  const ground = await Ground.open();
  try {
    Object.assign(machine, { accelerator: ground.accelerator, ...ground.versions });
    const hello = await ground.deploy('examples/hello/index.mjs', 'nodejs', 'index.handler');
    const fill = await ground.deploy('test/e2e/functions/fill.py', 'python', 'fill.handler');
    if (chosen.has('resizes')) {
      const cache = await ground.deploy('bench/functions/cache.py', 'python', 'cache.handler', {
        ephemeralMib: 4096,
      });
      add(await grow512(ground, hello));
      add(await claim2048(ground, fill));
      add(await claimCooperation(ground, cache));
    }
    if (chosen.has('burst')) add(...(await resize20(ground, hello)));
    if (chosen.has('invocations')) add(...(await invocations(ground, hello)));
    if (chosen.has('cold')) {
      const python = await ground.deploy(
        'examples/python-hello/index.py',
        'python',
        'index.handler',
      );
      const provided = await ground.deploy('examples/provided-hello/bootstrap', 'provided', '');
      const bulky = await ground.deploy('examples/hello/index.mjs', 'nodejs', 'index.handler', {
        beside: bulk(),
      });
      const starts = await coldStarts(ground, { node: hello, python, provided, bulky }, add);
      if (BENCH_COLD_SVG !== undefined) await writeFile(BENCH_COLD_SVG, drawColdStarts(starts));
      add(...(await coldBurst(ground, hello)));
    }
    if (BENCH_SVG !== undefined) await writeFile(BENCH_SVG, await picture(ground, fill));
  } finally {
    await ground.close();
  }
}
