import type { Command } from 'commander';
import { Client } from '../client.js';
import { runDemo, textReporter } from '../demo.js';
import { formatEndpoint, listenEndpoint } from '../endpoint.js';
import { CliError, messageOf, oneLine, usageError } from '../failure.js';
import { jsonOption, note, type OutputOptions, printJson } from '../output.js';
import { type RunningService, startService } from '../serviceProcess.js';

interface ServeOptions extends OutputOptions {
  readonly demo?: boolean;
}

export function addServe(program: Command): void {
  program
    .command('serve')
    .description('run the service until it is interrupted; it logs to standard error')
    .option('--demo', 'invoke examples/hello at two sizes once the service is up')
    .option(jsonOption[0], 'print what --demo does as one line of JSON')
    .action(async ({ demo, json }: ServeOptions) => {
      if (json && !demo)
        throw usageError('--json is for --demo: the service alone prints nothing.');
      const client = demo ? await demoClient() : null;
      const service = startService();
      // The service outlives a demonstration that fails: what is wrong can be looked into then.
      if (client !== null) await demonstrate(client, service, json === true);
      process.exitCode = await service.exited;
    });
}

/** Null where the service will refuse its address. */
async function demoClient(): Promise<Client | null> {
  const endpoint = listenEndpoint(process.env);
  if (endpoint === null) return null;
  if (endpoint.kind === 'tcp' && endpoint.port === 0) {
    throw usageError('--demo needs to know the port: BALLAST_LISTEN must not leave it to chance.');
  }
  const client = new Client(endpoint);
  // Another service there would be taken for the one that is about to fail for want of the address.
  const taken = await client.send({ method: 'GET', path: '/healthz' }).then(
    () => true,
    () => false,
  );
  if (!taken) return client;
  throw new CliError(
    `A service answers at ${formatEndpoint(endpoint)} already: ` +
      'stop it, or choose another BALLAST_LISTEN.',
  );
}

async function demonstrate(client: Client, service: RunningService, json: boolean): Promise<void> {
  try {
    const report = await runDemo(client, service.ending, json ? () => {} : textReporter);
    if (json) printJson(report);
  } catch (error) {
    // Who interrupts the demonstration knows why it ends.
    if (service.ending.aborted) return;
    note(`ballast: The demonstration failed: ${oneLine(messageOf(error))}`);
  }
}
