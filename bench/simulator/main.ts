/** `npm run simulate`: a day of a trace under several policies, compared as text and picture. */
import { writeFile } from 'node:fs/promises';
import { CommanderError } from 'commander';
import { drawComparison } from './chart.js';
import { chargesOf } from './costs.js';
import { TraceError } from './csvTable.js';
import { type Options, parseOptions } from './options.js';
import { type Comparison, callsOf, formatComparison } from './report.js';
import { simulate } from './simulation.js';
import { readTrace } from './trace.js';
import { findTraceFiles } from './traceFiles.js';
import { drawWorkload } from './workload.js';

async function compare({ trace, budgetMib, maxMib, heldMib, seed, contenders }: Options) {
  const { functions, leftOut } = await readTrace(await findTraceFiles(trace));
  const charges = chargesOf(budgetMib, maxMib);
  const workload = drawWorkload({ functions, leftOut }, seed, charges.geometry.maxMib);
  const outcomes = contenders.map((contender) => {
    process.stderr.write(`[simulate] ${contender.name}\n`);
    return simulate(workload, contender, charges, heldMib);
  });
  const calls = outcomes[0] === undefined ? 0 : callsOf(outcomes[0]);
  return { calls, leftOut, functions: functions.length, budgetMib, seed, outcomes };
}

async function main(argv: readonly string[]): Promise<void> {
  const options = parseOptions(argv);
  const comparison: Comparison = await compare(options);
  process.stdout.write(formatComparison(comparison));
  const { svg, json } = options;
  if (svg !== null) await writeFile(svg, drawComparison(comparison));
  if (json !== null) await writeFile(json, `${JSON.stringify(comparison, null, 2)}\n`);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else if (error instanceof TraceError) {
    process.stderr.write(`simulate: ${error.message}\n`);
    process.exitCode = 1;
  } else throw error;
}
