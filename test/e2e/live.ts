/** The whole service, as a process with real VMs, for one test file. */
import { readFile } from 'node:fs/promises';
import type { Test } from 'tap';
import type { InstanceView } from '../../src/model/instance.js';
import type { Receipt } from '../../src/model/invocation.js';
import { zipOf } from '../src/store/zips.js';
import {
  makeStateDir,
  removeStateDir,
  type ServiceProcess,
  startService,
  testBudgetMib,
} from '../support/serviceProcess.js';
import { layTemplates } from '../support/sharedGround.js';

export const functionsPath = '/2015-03-31/functions';
const sources = new URL('../../../test/e2e/functions/', import.meta.url);

/** Booting a VM and its runtime takes seconds where processors are emulated. */
const fileTimeoutMs = 10 * 60_000;

/** What JSON holds; a test says what it expects of it. */
// biome-ignore lint/suspicious/noExplicitAny: each access is part of an assertion
export type Json = any;

export interface Answer {
  readonly status: number;
  readonly functionError: string | null;
  readonly body: unknown;
  readonly receipt: Receipt;
  readonly log: string;
}

export interface InvokeOptions {
  readonly requestedMib?: number | 'auto';
  readonly cpuMillis?: number;
  readonly storageMib?: number;
  readonly signal?: AbortSignal;
}

export interface FunctionSettings {
  readonly Runtime: string;
  readonly Handler: string;
  readonly Timeout?: number;
  readonly MemorySize?: number;
  readonly SnapStart?: { readonly ApplyOn: 'PublishedVersions' | 'None' };
  readonly EphemeralStorage?: { readonly Size: number };
  readonly Environment?: { readonly Variables: Readonly<Record<string, string>> };
}

/**
 * Starts a service that ends with the test, on a state directory that goes with it. Its instances
 * are clones of the templates that tests share, or else they boot: to build some takes time.
 * @param settings Of its environment, besides or instead of what tests commonly have.
 * @param isSharing False where it is not to have templates that it did not make
 */
export async function openLive(
  t: Test,
  settings: Readonly<Record<string, string>> = {},
  { isSharing = true }: { readonly isSharing?: boolean } = {},
): Promise<Live> {
  t.setTimeout(fileTimeoutMs);
  const stateDir = await makeStateDir();
  t.teardown(() => removeStateDir(stateDir));
  const isShared = isSharing && !changesMachine(settings) && (await layTemplates(stateDir));
  const live = new Live(stateDir, {
    ...(isShared ? { BALLAST_START: 'clone', BALLAST_MAX_SHELLS: '0' } : { BALLAST_START: 'boot' }),
    ...settings,
  });
  await live.start();
  t.teardown(() => live.stop());
  return live;
}

/** Whether the machines of a service are not those that the shared templates are of. */
function changesMachine(settings: Readonly<Record<string, string>>): boolean {
  return Object.keys(settings).some((name) => machineSettings.includes(name));
}

const machineSettings = ['BALLAST_MEMORY_MIB', 'BALLAST_MAX_MEMORY_MIB', 'BALLAST_MECHANISM'];

export class Live {
  /**
   * What an invocation asks for that does not say else. With a processor of its own the smallest
   * function does not take 14 times as long.
   */
  defaults: InvokeOptions = {};
  readonly stateDir: string;
  readonly #settings: Readonly<Record<string, string>>;
  #process: ServiceProcess | null = null;

  constructor(stateDir: string, settings: Readonly<Record<string, string>> = {}) {
    this.stateDir = stateDir;
    this.#settings = settings;
  }

  /** How an instance begins, in receipts, when none is warm. */
  get coldStart(): string | undefined {
    return this.#settings.BALLAST_START;
  }

  get process(): ServiceProcess {
    if (this.#process === null) throw new Error('the service does not run');
    return this.#process;
  }

  get endpoint(): string {
    return this.process.endpoint;
  }

  async start(): Promise<void> {
    this.#process = await startService(this.stateDir, {
      BALLAST_MEMORY_MIB: String(testBudgetMib),
      BALLAST_LOG_LEVEL: 'info',
      ...this.#settings,
    });
  }

  async stop(signal?: NodeJS.Signals): Promise<number | null> {
    const running = this.#process;
    this.#process = null;
    return running === null ? null : await running.stop(signal);
  }

  /** One request to the API, its body as JSON both ways. */
  async call(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; body: Json }> {
    const response = await fetch(`${this.endpoint}${path}`, {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? null : JSON.parse(text) };
  }

  /** The identifier that the image has for a language: `nodejs` has `nodejs18.x`, say. */
  async runtime(language: string): Promise<string> {
    const { body } = await this.call('GET', '/v1/host');
    const runtimes: readonly { readonly name: string }[] = body.runtimes;
    const found = runtimes.find(({ name }) => name.startsWith(language));
    if (found === undefined) throw new Error(`the image has no runtime of ${language}`);
    return found.name;
  }

  /** Creates a function from one file of `test/e2e/functions`. */
  async deploy(functionName: string, file: string, settings: FunctionSettings): Promise<void> {
    const bytes = await readFile(new URL(file, sources));
    // One without a runtime of the image is executed itself.
    const zip = await zipOf([{ name: file, bytes, mode: 0o100755 }]);
    const { status, body } = await this.call('POST', functionsPath, {
      FunctionName: functionName,
      Timeout: 60,
      Code: { ZipFile: zip.toString('base64') },
      ...settings,
    });
    if (status !== 201) throw new Error(`CreateFunction: ${status} ${JSON.stringify(body)}`);
  }

  async invoke(name: string, event: unknown, options: InvokeOptions = {}): Promise<Answer> {
    const { requestedMib, cpuMillis, storageMib, signal } = { ...this.defaults, ...options };
    const response = await fetch(`${this.endpoint}${functionsPath}/${name}/invocations`, {
      method: 'POST',
      body: JSON.stringify(event),
      headers: {
        'x-amz-log-type': 'Tail',
        ...(requestedMib === undefined ? {} : { 'x-ballast-memory-mib': String(requestedMib) }),
        ...(cpuMillis === undefined ? {} : { 'x-ballast-cpu-millis': String(cpuMillis) }),
        ...(storageMib === undefined ? {} : { 'x-ballast-storage-mib': String(storageMib) }),
      },
      ...(signal === undefined ? {} : { signal }),
    });
    const { headers } = response;
    return {
      status: response.status,
      functionError: headers.get('x-amz-function-error'),
      body: await response.json(),
      receipt: JSON.parse(headers.get('x-ballast-receipt') ?? 'null'),
      log: Buffer.from(headers.get('x-amz-log-result') ?? '', 'base64').toString(),
    };
  }

  async instances(): Promise<readonly InstanceView[]> {
    const { body } = await this.call('GET', '/v1/instances');
    return body.instances;
  }

  /** The instances that may serve: one that is being ended may take a while. */
  async servingInstances(): Promise<readonly InstanceView[]> {
    return (await this.instances()).filter(({ state }) => state !== 'evicting');
  }
}
