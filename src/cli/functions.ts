/** The calls of the Lambda API that the commands make. */
import { limits } from '../model/limits.js';
import { jsonOf, succeed } from './answer.js';
import type { Answer, Client } from './client.js';
import { CliError } from './failure.js';

/** A function as the Lambda API shows it: the fields that the commands read. */
export interface FunctionConfiguration {
  readonly FunctionName: string;
  readonly Runtime: string;
  readonly Handler: string;
  readonly MemorySize: number;
  /** Seconds. */
  readonly Timeout: number;
  /** Bytes of the zip. */
  readonly CodeSize: number;
  readonly LastModified: string;
  /** `$LATEST`, or the number of a published version. */
  readonly Version: string;
  readonly Description: string;
  readonly State: string;
  /** Why it is not active. */
  readonly StateReason?: string;
  readonly SnapStart: { readonly ApplyOn: string; readonly OptimizationStatus: string };
}

/** What an update may change. A field that is undefined stays as it is. */
export interface ConfigurationChange {
  readonly Runtime?: string | undefined;
  readonly Handler?: string | undefined;
  readonly MemorySize?: number | undefined;
  readonly Timeout?: number | undefined;
  readonly EphemeralStorage?: { readonly Size: number } | undefined;
  readonly Environment?: { readonly Variables: Readonly<Record<string, string>> } | undefined;
  readonly Description?: string | undefined;
  readonly Role?: string | undefined;
  readonly SnapStart?: { readonly ApplyOn: 'PublishedVersions' | 'None' } | undefined;
}

/** A package, and whether a version is to be published of what it makes. */
export interface Upload {
  readonly zip: Buffer;
  readonly publish: boolean;
}

export interface InvokeOptions {
  /** The version; `$LATEST` where nothing is said. */
  readonly qualifier?: string | undefined;
  readonly payload: Buffer | string;
  readonly memoryMib?: number | 'auto' | undefined;
  readonly cpuMillis?: number | undefined;
  readonly storageMib?: number | undefined;
  readonly wantsLog: boolean;
  readonly signal?: AbortSignal | undefined;
}

const functionsPath = '/2015-03-31/functions';
const json = { 'content-type': 'application/json' };
/** The service unpacks the package and makes a disk of it. */
const deployTimeoutMs = 300_000;
/** The longest function, and as long again as waiting for an instance and its boot may take. */
const invokeTimeoutMs = (limits.maxTimeoutSeconds + 600) * 1000;
const pageItems = 50;
const maxPages = 2_000;

const pathOf = (name: string): string => `${functionsPath}/${encodeURIComponent(name)}`;
const queryOf = (qualifier: string | undefined): string =>
  qualifier === undefined ? '' : `?Qualifier=${encodeURIComponent(qualifier)}`;
const publishOf = (publish: boolean): { Publish?: true } => (publish ? { Publish: true } : {});

/** Null where there is no such function. */
export async function findFunction(
  client: Client,
  name: string,
): Promise<FunctionConfiguration | null> {
  const answer = await client.send({ method: 'GET', path: `${pathOf(name)}/configuration` });
  const missing =
    answer.status === 404 && answer.headers['x-amzn-errortype'] === 'ResourceNotFoundException';
  return missing ? null : jsonOf<FunctionConfiguration>(answer);
}

export async function getVersion(
  client: Client,
  name: string,
  version: string,
): Promise<FunctionConfiguration> {
  const path = `${pathOf(name)}/configuration${queryOf(version)}`;
  return jsonOf(await client.send({ method: 'GET', path }));
}

export async function createFunction(
  client: Client,
  name: string,
  { zip, publish }: Upload,
  settings: ConfigurationChange,
): Promise<FunctionConfiguration> {
  const code = { FunctionName: name, Code: { ZipFile: zip.toString('base64') } };
  const body = JSON.stringify({ ...code, ...settings, ...publishOf(publish) });
  const timeoutMs = deployTimeoutMs;
  return jsonOf(
    await client.send({ method: 'POST', path: functionsPath, headers: json, body, timeoutMs }),
  );
}

export async function updateConfiguration(
  client: Client,
  name: string,
  change: ConfigurationChange,
): Promise<FunctionConfiguration> {
  const path = `${pathOf(name)}/configuration`;
  const body = JSON.stringify(change);
  return jsonOf(await client.send({ method: 'PUT', path, headers: json, body }));
}

export async function updateCode(
  client: Client,
  name: string,
  { zip, publish }: Upload,
): Promise<FunctionConfiguration> {
  const path = `${pathOf(name)}/code`;
  const body = JSON.stringify({ ZipFile: zip.toString('base64'), ...publishOf(publish) });
  const timeoutMs = deployTimeoutMs;
  return jsonOf(await client.send({ method: 'PUT', path, headers: json, body, timeoutMs }));
}

export function listFunctions(client: Client): Promise<FunctionConfiguration[]> {
  return listPages(client, functionsPath, 'Functions');
}

/** `$LATEST` and the versions that were published, in their order. */
export function listVersions(client: Client, name: string): Promise<FunctionConfiguration[]> {
  return listPages(client, `${pathOf(name)}/versions`, 'Versions');
}

/** Deletes one version of the function, or all of it. */
export async function deleteFunction(
  client: Client,
  name: string,
  version: string | undefined,
): Promise<void> {
  succeed(await client.send({ method: 'DELETE', path: `${pathOf(name)}${queryOf(version)}` }));
}

async function listPages<Member extends string>(
  client: Client,
  where: string,
  member: Member,
): Promise<FunctionConfiguration[]> {
  type Page = Record<Member, FunctionConfiguration[]> & { readonly NextMarker?: string | null };
  const found: FunctionConfiguration[] = [];
  let query = `MaxItems=${pageItems}`;
  for (let page = 0; page < maxPages; page += 1) {
    const answer: Page = jsonOf(await client.send({ method: 'GET', path: `${where}?${query}` }));
    found.push(...answer[member]);
    if (!answer.NextMarker) return found;
    query = `MaxItems=${pageItems}&Marker=${encodeURIComponent(answer.NextMarker)}`;
  }
  throw new CliError(`The service lists ${member} without end: more than ${maxPages} pages.`);
}

/** A function that fails is an answer, too: 200 with the header `x-amz-function-error`. */
export async function invokeFunction(
  client: Client,
  name: string,
  { qualifier, payload, memoryMib, cpuMillis, storageMib, wantsLog, signal }: InvokeOptions,
): Promise<Answer> {
  const headers = {
    'content-type': 'application/octet-stream',
    ...(memoryMib === undefined ? {} : { 'x-ballast-memory-mib': String(memoryMib) }),
    ...(cpuMillis === undefined ? {} : { 'x-ballast-cpu-millis': String(cpuMillis) }),
    ...(storageMib === undefined ? {} : { 'x-ballast-storage-mib': String(storageMib) }),
    ...(wantsLog ? { 'x-amz-log-type': 'Tail' } : {}),
  };
  const path = `${pathOf(name)}/invocations${queryOf(qualifier)}`;
  const timeoutMs = invokeTimeoutMs;
  return succeed(
    await client.send({ method: 'POST', path, headers, body: payload, timeoutMs, signal }),
  );
}
