/** Where the three files of a trace are. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { TraceError } from './csvTable.js';

export interface TraceFiles {
  readonly invocations: string;
  readonly durations: string;
  readonly memory: string;
}

/**
 * @param trace `PREFIX` of `PREFIX_inv.csv`, `PREFIX_run.csv` and `PREFIX_mem.csv`; or a directory
 * of the Azure Functions 2019 data set, of which the first day is taken that has all three files.
 */
export async function findTraceFiles(trace: string): Promise<TraceFiles> {
  const isDirectory = (await stat(trace).catch(() => null))?.isDirectory() ?? false;
  if (!isDirectory) return filesOfPrefix(trace);
  const names = new Set(await readdir(trace));
  const days = [...names].flatMap((name) => dayPattern.exec(name)?.[1] ?? []).sort();
  const complete = days
    .map(namesOfDay)
    .find((day) => Object.values(day).every((name) => names.has(name)));
  if (complete === undefined) {
    const wanted = Object.values(namesOfDay('01')).join(', ');
    throw new TraceError(`${trace}: has no day with all three files, such as ${wanted}.`);
  }
  return {
    invocations: join(trace, complete.invocations),
    durations: join(trace, complete.durations),
    memory: join(trace, complete.memory),
  };
}

const dayPattern = /^invocations_per_function_md\.anon\.d(\d\d)\.csv$/;

function namesOfDay(day: string): TraceFiles {
  return {
    invocations: `invocations_per_function_md.anon.d${day}.csv`,
    durations: `function_durations_percentiles.anon.d${day}.csv`,
    memory: `app_memory_percentiles.anon.d${day}.csv`,
  };
}

function filesOfPrefix(prefix: string): TraceFiles {
  return {
    invocations: `${prefix}_inv.csv`,
    durations: `${prefix}_run.csv`,
    memory: `${prefix}_mem.csv`,
  };
}
