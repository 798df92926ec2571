import { type Command, InvalidArgumentError } from 'commander';
import { limits } from '../../model/limits.js';
import { Client } from '../client.js';
import { type Deployment, deploy } from '../deployment.js';
import { readEndpoint } from '../endpoint.js';
import type { ConfigurationChange } from '../functions.js';
import { parseEphemeralMib, parseMemoryMib, parseTimeoutSeconds } from '../numbers.js';
import { jsonOption, type OutputOptions, print, printJson } from '../output.js';
import { readPackage } from '../package.js';

interface DeployOptions extends OutputOptions {
  readonly name?: string;
  readonly runtime?: string;
  readonly handler?: string;
  readonly memory?: number;
  readonly timeout?: number;
  readonly ephemeral?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly description?: string;
  readonly role?: string;
  readonly snapStart?: boolean;
  readonly publish?: boolean;
}

const help = `
A function of that name is updated: its code, and of its configuration what is given.
Without --runtime and --handler, a new function gets those that its files call for:
index.mjs, index.js, index.py, lambda_function.py, or an executable bootstrap.`;

export function addDeploy(program: Command): void {
  program
    .command('deploy')
    .description('create a function, or update its code and configuration')
    .argument('<PATH>', 'a directory, or a .zip')
    .option('--name <NAME>', 'name of the function (default: that of the directory)')
    .option('--runtime <RUNTIME>', 'what runs it, for example nodejs20.x or provided')
    .option('--handler <HANDLER>', 'what is called, for example index.handler')
    .option('--memory <MIB>', `memory (default: ${limits.defaultMemoryMib})`, parseMemoryMib)
    .option(
      '--timeout <SECONDS>',
      `longest run (default: ${limits.defaultTimeoutSeconds})`,
      parseTimeoutSeconds,
    )
    .option(
      '--ephemeral <MIB>',
      `size of /tmp (default: ${limits.minEphemeralMib})`,
      parseEphemeralMib,
    )
    .option('--env <KEY=VALUE>', 'an environment variable; may be repeated', addVariable)
    .option('--description <TEXT>', 'words about it')
    .option('--role <ARN>', 'kept for the clients that ask for it')
    .option('--snap-start', 'versions that are published start from a snapshot')
    .option('--no-snap-start', 'they do not any more')
    .option('--publish', 'publish a version, and wait until it can be invoked')
    .option(...jsonOption)
    .addHelpText('after', help)
    .action(async (path: string, options: DeployOptions) => {
      const client = new Client(readEndpoint(process.env));
      const code = await readPackage(path);
      const name = options.name ?? code.name;
      const named = { zip: code.zip, name, publish: options.publish === true };
      const deployment = await deploy(client, named, settingsOf(options));
      if (options.json) printJson(deployment.configuration);
      else print(sentence(deployment));
    });
}

function settingsOf(options: DeployOptions): ConfigurationChange {
  const { runtime, handler, memory, timeout, ephemeral, env, description, role } = options;
  const { snapStart } = options;
  return {
    Runtime: runtime,
    Handler: handler,
    MemorySize: memory,
    Timeout: timeout,
    EphemeralStorage: ephemeral === undefined ? undefined : { Size: ephemeral },
    Environment: env === undefined ? undefined : { Variables: env },
    Description: description,
    Role: role,
    SnapStart:
      snapStart === undefined ? undefined : { ApplyOn: snapStart ? 'PublishedVersions' : 'None' },
  };
}

function addVariable(
  text: string,
  known: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const [, key, value] = /^([A-Za-z]\w*)=(.*)$/s.exec(text) ?? [];
  if (key === undefined || value === undefined) {
    throw new InvalidArgumentError(
      'Allowed: KEY=VALUE, where KEY is letters, digits and underscores.',
    );
  }
  if (Object.hasOwn(known, key)) throw new InvalidArgumentError(`${key} is given twice.`);
  return { ...known, [key]: value };
}

function sentence({ action, configuration }: Deployment): string {
  const { FunctionName, Runtime, Handler, MemorySize, Timeout, CodeSize, Version } = configuration;
  const published = Version === '$LATEST' ? '' : ` and published version ${Version}`;
  return (
    `${action} ${FunctionName}${published}: ${Runtime}, ${Handler}, ${MemorySize} MiB, ` +
    `timeout ${Timeout} s, code ${CodeSize} bytes`
  );
}
