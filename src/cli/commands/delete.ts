import type { Command } from 'commander';
import { Client } from '../client.js';
import { readEndpoint } from '../endpoint.js';
import { deleteFunction } from '../functions.js';
import { jsonOption, type OutputOptions, print, printJson } from '../output.js';

interface DeleteOptions extends OutputOptions {
  readonly qualifier?: string;
}

export function addDelete(program: Command): void {
  program
    .command('delete')
    .description('delete a function, or one version of it, and its instances')
    .argument('<NAME>', 'name of the function')
    .option('--qualifier <VERSION>', 'a published version: the rest of the function stays')
    .option(...jsonOption)
    .action(async (name: string, { qualifier, json }: DeleteOptions) => {
      await deleteFunction(new Client(readEndpoint(process.env)), name, qualifier);
      const deleted = qualifier === undefined ? name : `${name}:${qualifier}`;
      if (json) printJson({ deleted });
      else print(`deleted ${deleted}`);
    });
}
