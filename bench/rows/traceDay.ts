/** A simulated day: what ballast's policy holds, and what a fixed keep-alive does. */

import { type Row, ratioRow } from '../row.js';
import { contenderOf } from '../simulator/contender.js';
import { chargesOf } from '../simulator/costs.js';
import { coldShare, totalGibSeconds } from '../simulator/report.js';
import { simulate } from '../simulator/simulation.js';
import { readTrace } from '../simulator/trace.js';
import { findTraceFiles } from '../simulator/traceFiles.js';
import { drawWorkload } from '../simulator/workload.js';

const seed = 1;
/** Where both serve every call: with less, what is compared is who refuses more. */
const budgetMib = 524_288;

/** @throws TraceError where there is no trace */
export async function traceDay(trace: string): Promise<readonly Row[]> {
  const charges = chargesOf(budgetMib);
  const read = await readTrace(await findTraceFiles(trace));
  const workload = drawWorkload(read, seed, charges.geometry.maxMib);
  const [ballast, fixed] = ['hybrid', 'fixed:600'].map((policy) =>
    simulate(workload, contenderOf(policy), charges),
  );
  if (ballast === undefined || fixed === undefined) throw new Error('two policies are compared');
  const against = 'full size, kept for ten minutes';
  const held = { ballast: totalGibSeconds(ballast), against: totalGibSeconds(fixed) };
  const cold = { ballast: 100 * coldShare(ballast), against: 100 * coldShare(fixed) };
  return [
    ratioRow('trace-day', held, against, 'GiB s'),
    ratioRow('trace-day-cold', cold, against, '%'),
  ];
}
