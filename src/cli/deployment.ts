/** Deploys a package: creates the function, or updates the one of that name. */
import type { Client } from './client.js';
import { CliError, messageOf, usageError } from './failure.js';
import {
  type ConfigurationChange,
  createFunction,
  type FunctionConfiguration,
  findFunction,
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

/** What is not in `settings` is guessed for a new function and stays as it is for another. */
export async function deploy(
  client: Client,
  { zip, name }: CodePackage,
  settings: ConfigurationChange,
): Promise<Deployment> {
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(name)) {
    throw usageError(
      `${JSON.stringify(name)} cannot name a function: give --name with 1 to 64 letters, ` +
        'digits, hyphens and underscores.',
    );
  }
  const known = await findFunction(client, name);
  if (known === null) {
    const whole = { ...settings, ...(await complete(client, zip, settings)) };
    return { action: 'created', configuration: await createFunction(client, name, zip, whole) };
  }
  return { action: 'updated', configuration: await update(client, name, zip, settings) };
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
  zip: Buffer,
  change: ConfigurationChange,
): Promise<FunctionConfiguration> {
  const isChange = Object.values(change).some((value) => value !== undefined);
  if (!isChange) return updateCode(client, name, zip);
  await updateConfiguration(client, name, change);
  try {
    return await updateCode(client, name, zip);
  } catch (error) {
    throw new CliError(
      `The configuration of ${name} was updated, its code was not: ${messageOf(error)}`,
    );
  }
}
