/**
 * Measures this checkout on real VMs, each figure beside what it is compared with, in one run.
 * `BENCH_JSON=FILE` has the rows written there as well, `BENCH_SVG=FILE` the picture of
 * `docs/memory.md`.
 */
import { writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { Ground } from './ground.js';
import { picture } from './picture.js';
import { formatRow, type Row } from './row.js';
import { resize20 } from './rows/burst.js';
import { calls } from './rows/calls.js';
import { coldStarts } from './rows/cold.js';
import { coldBurst } from './rows/coldBurst.js';
import { invocations } from './rows/invocations.js';
import { claim2048, claimCooperation, grow512 } from './rows/resizes.js';

const say = (line: string) => process.stdout.write(`${line}\n`);

// The calls come first, while nothing else runs on the host.
const measuredCalls = await calls();
const ground = await Ground.open();
try {
  const machine = {
    cpus: cpus().length,
    cpuModel: cpus()[0]?.model ?? 'unknown',
    memoryMib: Math.round(totalmem() / (1024 * 1024)),
    node: process.version,
    accelerator: ground.accelerator,
    ...ground.versions,
  };
  say(`[bench] ${JSON.stringify(machine)}`);
  const hello = await ground.deploy('examples/hello/index.mjs', 'nodejs', 'index.handler');
  const fill = await ground.deploy('test/e2e/functions/fill.py', 'python', 'fill.handler');
  const cache = await ground.deploy('bench/functions/cache.py', 'python', 'cache.handler', 4096);
  const rows: Row[] = [];
  const add = (...more: readonly Row[]) => {
    rows.push(...more);
    for (const row of more) say(formatRow(row));
  };
  add(...measuredCalls);
  add(await grow512(ground, hello));
  add(await claim2048(ground, fill));
  add(await claimCooperation(ground, cache));
  add(...(await resize20(ground, hello)));
  add(...(await invocations(ground, hello)));
  const python = await ground.deploy('examples/python-hello/index.py', 'python', 'index.handler');
  const provided = await ground.deploy('examples/provided-hello/bootstrap', 'provided', '');
  add(...(await coldStarts(ground, { node: hello, python, provided })));
  add(...(await coldBurst(ground, hello)));
  const { BENCH_JSON, BENCH_SVG } = process.env;
  if (BENCH_SVG !== undefined) await writeFile(BENCH_SVG, await picture(ground, fill));
  if (BENCH_JSON !== undefined) {
    await writeFile(BENCH_JSON, `${JSON.stringify({ machine, rows }, null, 2)}\n`);
  }
} finally {
  await ground.close();
}
