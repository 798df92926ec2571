import type { Command } from 'commander';
import { Client } from '../client.js';
import { readEndpoint } from '../endpoint.js';
import { deleteFunction } from '../functions.js';
import { jsonOption, type OutputOptions, print, printJson } from '../output.js';

export function addDelete(program: Command): void {
  program
    .command('delete')
    .description('delete a function and its instances')
    .argument('<NAME>', 'name of the function')
    .option(...jsonOption)
    .action(async (name: string, { json }: OutputOptions) => {
      await deleteFunction(new Client(readEndpoint(process.env)), name);
      if (json) printJson({ deleted: name });
      else print(`deleted ${name}`);
    });
}
