/** The demonstration of `serve --demo`: one warm instance serves `hello` at two sizes. */
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Client } from './client.js';
import { deploy } from './deployment.js';
import { formatEndpoint } from './endpoint.js';
import { CliError } from './failure.js';
import { listFunctions } from './functions.js';
import { failureOf, type Invocation, invoke, payloadOf } from './invocation.js';
import { print } from './output.js';
import { readPackage } from './package.js';
import { formatReceipt } from './receipt.js';

const functionName = 'hello';
const examplePath = fileURLToPath(new URL('../../../examples/hello', import.meta.url));
const sizesMib = [128, 512] as const;
/** The first start of a service has libvirt find out what QEMU can do. */
const healthTimeoutMs = 180_000;
const healthPollMs = 100;
/** Emulated processors are slow. */
const demoTimeoutSeconds = 30;

export type DemoEvent =
  | { readonly kind: 'deployed' }
  | { readonly kind: 'skipped' }
  | { readonly kind: 'invoking'; readonly requestedMib: number }
  | { readonly kind: 'invoked'; readonly invocation: Invocation }
  | { readonly kind: 'done'; readonly report: DemoReport };

export interface DemoReport {
  readonly endpoint: string;
  readonly invocations: readonly {
    readonly payload: unknown;
    readonly receipt: Invocation['receipt'];
  }[];
  /** The instance that served all of them; null where there was no such one. */
  readonly instanceId: string | null;
}

/** @throws CliError where the service does not answer in time, or the function fails */
export async function runDemo(
  client: Client,
  ending: AbortSignal,
  report: (event: DemoEvent) => void,
): Promise<DemoReport> {
  await waitForHealth(client, ending);
  const invocations: Invocation[] = [];
  if (await prepareFunction(client, report)) {
    for (const requestedMib of sizesMib) {
      report({ kind: 'invoking', requestedMib });
      const invocation = await invokeHello(client, requestedMib, ending);
      report({ kind: 'invoked', invocation });
      invocations.push(invocation);
    }
  } else {
    report({ kind: 'skipped' });
  }
  const done = reportOf(client, invocations);
  report({ kind: 'done', report: done });
  return done;
}

/** Tells people what happens, while it happens. */
export function textReporter(event: DemoEvent): void {
  print(textOf(event));
}

function textOf(event: DemoEvent): string {
  switch (event.kind) {
    case 'deployed':
      return `\nDeployed ${functionName} from examples/hello.`;
    case 'skipped':
      return (
        `\nThere are functions but no ${functionName}: the demonstration is left out. ` +
        '`ballast deploy examples/hello` brings it back.'
      );
    case 'invoking':
      return `\nInvoking ${functionName} at ${event.requestedMib} MiB ...`;
    case 'invoked':
      return invocationText(event.invocation);
    case 'done':
      return reportText(event.report);
  }
}

async function waitForHealth(client: Client, ending: AbortSignal): Promise<void> {
  const deadlineMs = performance.now() + healthTimeoutMs;
  while (performance.now() < deadlineMs) {
    ending.throwIfAborted();
    const answer = await client
      .send({ method: 'GET', path: '/healthz', signal: ending, timeoutMs: 5_000 })
      .catch(() => null);
    if (answer?.status === 200) return;
    await delay(healthPollMs, undefined, { signal: ending });
  }
  throw new CliError(
    `the service did not answer at ${formatEndpoint(client.endpoint)} within ` +
      `${healthTimeoutMs / 1000} s.`,
  );
}

/** Only an empty store gets the example: what a user has deployed is not meddled with. */
async function prepareFunction(
  client: Client,
  report: (event: DemoEvent) => void,
): Promise<boolean> {
  const functions = await listFunctions(client);
  if (functions.length > 0) {
    return functions.some(({ FunctionName }) => FunctionName === functionName);
  }
  const { zip } = await readPackage(examplePath);
  const upload = { zip, name: functionName, publish: false };
  await deploy(client, upload, { Timeout: demoTimeoutSeconds });
  report({ kind: 'deployed' });
  return true;
}

async function invokeHello(
  client: Client,
  memoryMib: number,
  signal: AbortSignal,
): Promise<Invocation> {
  const payload = JSON.stringify({ name: 'ballast' });
  const options = { payload, memoryMib, wantsLog: false, signal };
  const invocation = await invoke(client, functionName, options);
  if (invocation.functionError === null) return invocation;
  throw new CliError(`${functionName} failed at ${memoryMib} MiB: ${failureOf(invocation)}`);
}

function reportOf(client: Client, invocations: readonly Invocation[]): DemoReport {
  const ids = new Set(invocations.map(({ receipt }) => receipt?.instanceId ?? null));
  const [instanceId = null] = ids;
  return {
    endpoint: formatEndpoint(client.endpoint),
    invocations: invocations.map((invocation) => ({
      payload: payloadOf(invocation),
      receipt: invocation.receipt,
    })),
    instanceId: ids.size === 1 ? instanceId : null,
  };
}

function invocationText(invocation: Invocation): string {
  const answer = `  answer   ${JSON.stringify(payloadOf(invocation))}`;
  const { receipt } = invocation;
  return receipt === null ? answer : `${answer}\n  receipt  ${formatReceipt(receipt)}`;
}

function reportText({ endpoint, instanceId }: DemoReport): string {
  const same = instanceId === null ? '' : `\nThe same instance served both: ${instanceId}.\n`;
  return `${same}\nThe API is at ${endpoint}. Ctrl-C stops the service.`;
}
