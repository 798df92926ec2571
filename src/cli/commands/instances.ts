import type { Command } from 'commander';
import type { InstanceView } from '../../model/instance.js';
import { Client } from '../client.js';
import { readEndpoint } from '../endpoint.js';
import { jsonOption, type OutputOptions, print, printJson } from '../output.js';
import { listInstances } from '../service.js';
import { type Column, formatTable } from '../table.js';

const columns: readonly Column<InstanceView>[] = [
  { title: 'INSTANCE', value: (instance) => instance.instanceId },
  { title: 'STATE', value: (instance) => instance.state },
  { title: 'FUNCTION', value: (instance) => instance.functionName },
  { title: 'VERSION', value: (instance) => instance.version },
  { title: 'FLOOR MIB', value: (instance) => instance.floorMib },
  { title: 'PLUGGED MIB', value: (instance) => instance.pluggedMib },
  { title: 'LIMIT MIB', value: (instance) => instance.limitMib },
  { title: 'CPU MILLIS', value: (instance) => instance.cpuMillis },
  { title: 'STORAGE MIB', value: (instance) => instance.storageMib },
  { title: 'RESIDENT MIB', value: (instance) => instance.residentMib ?? '-' },
  { title: 'IDLE S', value: (instance) => Math.floor(instance.idleMs / 1000) },
];

export function addInstances(program: Command): void {
  program
    .command('instances')
    .description('list the instances: the virtual machines that serve functions')
    .option(...jsonOption)
    .action(async ({ json }: OutputOptions) => {
      const listed = await listInstances(new Client(readEndpoint(process.env)));
      if (json) printJson(listed);
      else if (listed.instances.length === 0) {
        print('There are no instances: `ballast invoke` starts one.');
      } else print(formatTable(columns, listed.instances));
    });
}
