import type { Command } from 'commander';
import type { InstanceResize } from '../../model/instance.js';
import { Client } from '../client.js';
import { readEndpoint } from '../endpoint.js';
import { parseMemoryMib } from '../numbers.js';
import { jsonOption, type OutputOptions, print, printJson } from '../output.js';
import { formatMs } from '../receipt.js';
import { resizeInstance } from '../service.js';

export function addResize(program: Command): void {
  program
    .command('resize')
    .description('change the memory of an idle instance')
    .argument('<INSTANCE>', 'id of the instance, as `ballast instances` shows it')
    .argument('<MIB>', 'what a function shall be able to use', parseMemoryMib)
    .option(...jsonOption)
    .action(async (instanceId: string, requestedMib: number, { json }: OutputOptions) => {
      const client = new Client(readEndpoint(process.env));
      const resized = await resizeInstance(client, instanceId, requestedMib);
      if (json) printJson(resized);
      else print(sentence(resized));
    });
}

function sentence({ instanceId, fromMib, limitMib, pluggedMib, resize }: InstanceResize): string {
  const way = resize.mechanism === 'none' ? '' : ` by ${resize.mechanism}`;
  return (
    `${instanceId}: from ${fromMib} to ${limitMib} MiB${way} in ${formatMs(resize.ms)} ` +
    `(plugged ${pluggedMib} MiB${resize.settled ? '' : ', not settled'})`
  );
}
