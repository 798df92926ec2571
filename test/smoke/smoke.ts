/**
 * Resizes one real VM to three sizes and compares what its guest sees with what was asked: what the
 * function reads in its own /proc/meminfo and cgroup must follow the requests.
 */
import { readFile } from 'node:fs/promises';
import { ZipFile } from 'yazl';
import type { Receipt } from '../../src/model/invocation.js';
import { makeStateDir, removeStateDir, startService } from '../support/serviceProcess.js';
import { faultsOf, type SmokeRow, tableHead, tableLine } from './rows.js';

const sizesMib = [128, 512, 256];
const functionsPath = '/2015-03-31/functions';
const exampleFile = new URL('../../../examples/hello/index.mjs', import.meta.url);
/** Emulated processors are slow. */
const timeoutSeconds = 60;

const say = (line: string) => process.stdout.write(`${line}\n`);

async function post(url: string, body: string, headers: Record<string, string> = {}) {
  const response = await fetch(url, { method: 'POST', body, headers });
  const text = await response.text();
  if (!response.ok || response.headers.has('x-amz-function-error')) {
    throw new Error(`POST ${url} answered ${response.status}: ${text}`);
  }
  return { text, receipt: response.headers.get('x-ballast-receipt') ?? '' };
}

async function zipExample(): Promise<Buffer> {
  const zip = new ZipFile();
  zip.addBuffer(await readFile(exampleFile), 'index.mjs');
  zip.end();
  const chunks: Buffer[] = [];
  for await (const chunk of zip.outputStream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

async function deploy(endpoint: string, runtime: string): Promise<void> {
  const ZipFileBase64 = (await zipExample()).toString('base64');
  const settings = {
    FunctionName: 'smoke',
    Runtime: runtime,
    Handler: 'index.handler',
    Timeout: timeoutSeconds,
    Code: { ZipFile: ZipFileBase64 },
  };
  await post(`${endpoint}${functionsPath}`, JSON.stringify(settings));
}

async function nodeRuntimeOf(endpoint: string): Promise<string> {
  const host = await (await fetch(`${endpoint}/v1/host`)).json();
  const { runtimes } = host as { runtimes: readonly { readonly name: string }[] };
  const found = runtimes.find(({ name }) => name.startsWith('nodejs'));
  if (found === undefined) throw new Error('The guest image has no Node.js runtime.');
  return found.name;
}

/** So that the first invocation starts a clone of it. */
async function buildTemplate(endpoint: string, runtime: string): Promise<void> {
  say(`[smoke] building the template of ${runtime}`);
  const response = await fetch(`${endpoint}/v1/templates/${runtime}`, { method: 'PUT' });
  if (!response.ok) throw new Error(`The template of ${runtime}: ${await response.text()}`);
}

async function measure(endpoint: string, requestedMib: number): Promise<SmokeRow> {
  const { text, receipt } = await post(`${endpoint}${functionsPath}/smoke/invocations`, '{}', {
    'x-ballast-memory-mib': String(requestedMib),
  });
  return { guest: JSON.parse(text), receipt: JSON.parse(receipt) as Receipt };
}

async function smoke(endpoint: string): Promise<boolean> {
  const runtime = await nodeRuntimeOf(endpoint);
  await buildTemplate(endpoint, runtime);
  await deploy(endpoint, runtime);
  say(tableHead);
  const rows: SmokeRow[] = [];
  for (const requestedMib of sizesMib) {
    const row = await measure(endpoint, requestedMib);
    rows.push(row);
    say(tableLine(row, faultsOf(rows)));
  }
  return rows.every((_row, index) => faultsOf(rows.slice(0, index + 1)).length === 0);
}

const stateDir = await makeStateDir();
try {
  say('[smoke] starting a service of its own');
  const service = await startService(stateDir, { BALLAST_LOG_LEVEL: 'info' });
  try {
    const holds = await smoke(service.endpoint);
    if (!holds) say(service.log());
    say(holds ? '[smoke] every row holds' : '[smoke] FAILED: see the column `faults`');
    process.exitCode = holds ? 0 : 1;
  } catch (error) {
    say(`[smoke] FAILED: ${error instanceof Error ? error.message : String(error)}`);
    say(service.log());
    process.exitCode = 1;
  } finally {
    await service.stop();
  }
} finally {
  await removeStateDir(stateDir);
}
