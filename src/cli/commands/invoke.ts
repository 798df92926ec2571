import { type Command, Option } from 'commander';
import { Client } from '../client.js';
import { readEndpoint } from '../endpoint.js';
import { CliError } from '../failure.js';
import { failureOf, type Invocation, invoke, payloadOf } from '../invocation.js';
import { parseCpuMillis, parseEphemeralMib, parseMemoryWish } from '../numbers.js';
import { jsonOption, note, type OutputOptions, print, printJson } from '../output.js';
import { type PayloadOptions, readPayload } from '../payload.js';
import { formatReceipt } from '../receipt.js';

interface InvokeOptions extends OutputOptions, PayloadOptions {
  readonly qualifier?: string;
  readonly memory?: number | 'auto';
  readonly cpuMillis?: number;
  readonly storage?: number;
  readonly log?: boolean;
}

const help = `
The answer goes to standard output, the receipt to standard error. The exit code is 1 when the
function failed. With --json, one line holds statusCode, functionError, payload, receipt and log.`;

export function addInvoke(program: Command): void {
  program
    .command('invoke')
    .description('invoke a function and print its answer')
    .argument('<NAME>', 'name of the function')
    .option('--qualifier <VERSION>', 'a published version (default: $LATEST)')
    .addOption(new Option('--payload <JSON>', 'the event (default: {})').conflicts('payloadFile'))
    .option('--payload-file <FILE>', 'a file that holds the event; - is standard input')
    .option(
      '--memory <MIB>',
      "size of this invocation, or auto for what the function needs (default: the function's)",
      parseMemoryWish,
    )
    .option(
      '--cpu-millis <N>',
      'share of the processor, 1000 is one vCPU (default: what comes with the memory)',
      parseCpuMillis,
    )
    .option(
      '--storage <MIB>',
      "what it may keep in /tmp (default: the function's)",
      parseEphemeralMib,
    )
    .option('--log', "show the end of the function's log")
    .option(...jsonOption)
    .addHelpText('after', help)
    .action(async (name: string, options: InvokeOptions) => {
      const client = new Client(readEndpoint(process.env));
      const invocation = await invoke(client, name, {
        qualifier: options.qualifier,
        payload: await readPayload(options),
        memoryMib: options.memory,
        cpuMillis: options.cpuMillis,
        storageMib: options.storage,
        wantsLog: options.log === true || options.json === true,
      });
      if (options.json) printMachine(invocation);
      else printHuman(invocation);
      if (invocation.functionError !== null) {
        throw new CliError(`${name} failed: ${failureOf(invocation)}`);
      }
    });
}

function printMachine(invocation: Invocation): void {
  const { statusCode, functionError, receipt, log } = invocation;
  printJson({ statusCode, functionError, payload: payloadOf(invocation), receipt, log });
}

function printHuman({ body, receipt, log }: Invocation): void {
  if (log !== null) note(log);
  print(body.toString('utf8'));
  if (receipt !== null) note(formatReceipt(receipt));
}
