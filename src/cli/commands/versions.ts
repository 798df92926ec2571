import type { Command } from 'commander';
import { Client } from '../client.js';
import { readEndpoint } from '../endpoint.js';
import { type FunctionConfiguration, listVersions } from '../functions.js';
import { jsonOption, type OutputOptions, print, printJson } from '../output.js';
import { type Column, formatTable } from '../table.js';

const columns: readonly Column<FunctionConfiguration>[] = [
  { title: 'VERSION', value: (fn) => fn.Version },
  { title: 'STATE', value: (fn) => fn.State },
  { title: 'SNAP START', value: (fn) => fn.SnapStart.OptimizationStatus },
  { title: 'RUNTIME', value: (fn) => fn.Runtime },
  { title: 'MIB', value: (fn) => fn.MemorySize },
  { title: 'TIMEOUT S', value: (fn) => fn.Timeout },
  { title: 'CODE BYTES', value: (fn) => fn.CodeSize },
  { title: 'MODIFIED', value: (fn) => fn.LastModified },
  { title: 'DESCRIPTION', value: (fn) => fn.Description },
];

export function addVersions(program: Command): void {
  program
    .command('versions')
    .description('list the versions of a function: $LATEST, and those that were published')
    .argument('<NAME>', 'name of the function')
    .option(...jsonOption)
    .action(async (name: string, { json }: OutputOptions) => {
      const versions = await listVersions(new Client(readEndpoint(process.env)), name);
      if (json) printJson({ versions });
      else print(formatTable(columns, versions));
    });
}
