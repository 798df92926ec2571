import type { Command } from 'commander';
import type { TemplateView } from '../../model/template.js';
import { Client } from '../client.js';
import { readEndpoint } from '../endpoint.js';
import { jsonOption, note, type OutputOptions, print, printJson } from '../output.js';
import { formatMs } from '../receipt.js';
import { host } from '../service.js';
import { type Column, formatTable } from '../table.js';
import { buildTemplate, listTemplates } from '../templates.js';

const columns: readonly Column<TemplateView>[] = [
  { title: 'OF', value: ({ of }) => of },
  { title: 'STATE', value: ({ state }) => state },
  { title: 'MEMORY MIB', value: ({ memoryMib }) => memoryMib },
  { title: 'READY SHELLS', value: ({ readyShells }) => readyShells },
  { title: 'BUILT IN', value: ({ buildMs }) => (buildMs === null ? '-' : formatMs(buildMs)) },
  { title: '', value: ({ stage, error }) => stage ?? error ?? '' },
];

export function addTemplate(program: Command): void {
  const template = program
    .command('template')
    .description('what new instances begin as copies of: a booted guest with its runtime loaded');
  template
    .command('list')
    .description('list the templates that there are, or that are being built')
    .option(...jsonOption)
    .action(async ({ json }: OutputOptions) => {
      const templates = await listTemplates(new Client(readEndpoint(process.env)));
      if (json) printJson({ templates });
      else print(formatTable(columns, templates));
    });
  template
    .command('build')
    .description('build the template of a runtime, unless it is there')
    .argument('[RUNTIME]', 'the runtime; all that the guest image holds where it is left out')
    .option(...jsonOption)
    .action(async (runtime: string | undefined, { json }: OutputOptions) => {
      const client = new Client(readEndpoint(process.env));
      const templates = await buildAll(client, runtime);
      if (json) printJson({ templates });
      else print(formatTable(columns, templates));
    });
}

async function buildAll(client: Client, runtime: string | undefined): Promise<TemplateView[]> {
  const runtimes = runtime === undefined ? await runtimesOf(client) : [runtime];
  const built: TemplateView[] = [];
  for (const one of runtimes) {
    built.push(await buildTemplate(client, one, (stage) => note(`${one}: ${stage}`)));
  }
  return built;
}

async function runtimesOf(client: Client): Promise<readonly string[]> {
  return (await host(client)).runtimes.map(({ name }) => name);
}
