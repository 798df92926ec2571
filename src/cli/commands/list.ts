import type { Command } from 'commander';
import { Client } from '../client.js';
import { readEndpoint } from '../endpoint.js';
import { type FunctionConfiguration, listFunctions } from '../functions.js';
import { jsonOption, type OutputOptions, print, printJson } from '../output.js';
import { type Column, formatTable } from '../table.js';

const columns: readonly Column<FunctionConfiguration>[] = [
  { title: 'NAME', value: (fn) => fn.FunctionName },
  { title: 'RUNTIME', value: (fn) => fn.Runtime },
  { title: 'HANDLER', value: (fn) => fn.Handler },
  { title: 'MIB', value: (fn) => fn.MemorySize },
  { title: 'TIMEOUT S', value: (fn) => fn.Timeout },
  { title: 'CODE BYTES', value: (fn) => fn.CodeSize },
  { title: 'MODIFIED', value: (fn) => fn.LastModified },
];

export function addList(program: Command): void {
  program
    .command('list')
    .description('list the functions')
    .option(...jsonOption)
    .action(async ({ json }: OutputOptions) => {
      const functions = await listFunctions(new Client(readEndpoint(process.env)));
      if (json) printJson({ functions });
      else if (functions.length === 0) print('There are no functions: `ballast deploy` makes one.');
      else print(formatTable(columns, functions));
    });
}
