/** Deploys a package: creates the function, or updates the one of that name. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from './client.js';
import { CliError, messageOf, usageError } from './failure.js';
import {
  type ConfigurationChange,
  createFunction,
  type FunctionConfiguration,
  findFunction,
  getVersion,
  type Upload,
  updateCode,
  updateConfiguration,
} from './functions.js';
import type { CodePackage } from './package.js';
import { guessHandler, guessRuntime } from './runtime.js';
import { host } from './service.js';
import { readTopFiles } from './zip.js';

export interface Deployment {
  readonly action: 'created' | 'updated';
  readonly configuration: FunctionConfiguration;
}

/** Lambda wants a role; nothing here assumes one. */
const defaultRole = 'arn:aws:iam::000000000000:role/ballast';

/** Making a snapshot takes a boot and an initialisation: the service's own bounds are shorter. */
const publishTimeoutMs = 600_000;
const pollMs = 250;

/** What is not in `settings` is guessed for a new function and stays as it is for another. */
export async function deploy(
  client: Client,
  { zip, name, publish }: CodePackage & Upload,
  settings: ConfigurationChange,
): Promise<Deployment> {
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(name)) {
    throw usageError(
      `${JSON.stringify(name)} cannot name a function: give --name with 1 to 64 letters, ` +
        'digits, hyphens and underscores.',
    );
  }
  const upload = { zip, publish };
  const known = await findFunction(client, name);
  const action = known === null ? 'created' : 'updated';
  const configuration =
    known === null
      ? await createFunction(client, name, upload, {
          ...settings,
          ...(await complete(client, zip, settings)),
        })
      : await update(client, name, upload, settings);
  return { action, configuration: publish ? await ready(client, configuration) : configuration };
}

/** The version once its snapshot is there. @throws CliError where it failed, or takes too long */
async function ready(
  client: Client,
  published: FunctionConfiguration,
): Promise<FunctionConfiguration> {
  const { FunctionName, Version } = published;
  const lastMs = performance.now() + publishTimeoutMs;
  let configuration = published;
  while (configuration.State === 'Pending' && performance.now() < lastMs) {
    await delay(pollMs);
    configuration = await getVersion(client, FunctionName, Version);
  }
  if (configuration.State === 'Active') return configuration;
  const why = configuration.StateReason ?? 'The service does not say why.';
  throw new CliError(
    configuration.State === 'Pending'
      ? `Version ${Version} of ${FunctionName} is published, and still waits for its snapshot.`
      : `Version ${Version} of ${FunctionName} cannot be invoked: ${why}`,
  );
}

async function complete(
  client: Client,
  zip: Buffer,
  { Runtime, Handler, Role = defaultRole }: ConfigurationChange,
): Promise<ConfigurationChange> {
  if (Runtime !== undefined && Handler !== undefined) return { Runtime, Handler, Role };
  const files = await readTopFiles(zip);
  const runtime = Runtime ?? guessRuntime(files, await offeredRuntimes(client));
  return { Runtime: runtime, Handler: Handler ?? guessHandler(files, runtime), Role };
}

async function offeredRuntimes(client: Client): Promise<string[]> {
  return (await host(client)).runtimes.map(({ name }) => name);
}

/** The configuration first: it is the likelier to be refused, and nothing has changed then. */
async function update(
  client: Client,
  name: string,
  upload: Upload,
  change: ConfigurationChange,
): Promise<FunctionConfiguration> {
  const isChange = Object.values(change).some((value) => value !== undefined);
  if (!isChange) return updateCode(client, name, upload);
  await updateConfiguration(client, name, change);
  try {
    return await updateCode(client, name, upload);
  } catch (error) {
    throw new CliError(
      `The configuration of ${name} was updated, its code was not: ${messageOf(error)}`,
    );
  }
}
