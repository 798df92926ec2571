/** The API over a store of its own and a service without VMs. */
import { Writable } from 'node:stream';
import { pino } from 'pino';
import type { Test } from 'tap';
import type { Api } from '../../../src/api/context.js';
import { createApi, Metrics } from '../../../src/api/index.js';
import { Activation, openStore, type Store } from '../../../src/store/index.js';
import { FakeService } from '../../support/fakeService.js';
import { FakeSnapshots } from '../../support/fakeSnapshots.js';
import { FakeTemplates } from '../../support/fakeTemplates.js';
import { zipOf } from '../store/zips.js';

export const functionsPath = '/2015-03-31/functions';
const identity = { region: 'us-east-1', accountId: '000000000000' };
export const helloZip = await zipOf([{ name: 'index.mjs', bytes: 'export const handler = 1;' }]);
export const otherZip = await zipOf([{ name: 'index.mjs', bytes: 'export const handler = 2;' }]);

type Answer = Awaited<ReturnType<typeof inject>>;

interface Call {
  readonly headers?: Record<string, string>;
  /** JSON, unless it is text or bytes. */
  readonly body?: unknown;
}

export interface Bench {
  readonly app: Api;
  readonly store: Store;
  readonly service: FakeService;
  readonly snapshots: FakeSnapshots;
  readonly templates: FakeTemplates;
  readonly metrics: Metrics;
  /** What the service logged, line by line. */
  readonly logLines: string[];
  /** Sends `GET /path`. */
  send(what: string, call?: Call): Promise<Answer>;
  /** Creates a function and returns its configuration. */
  create(name?: string, changes?: object): Promise<Record<string, unknown>>;
}

export async function openBench(t: Test): Promise<Bench> {
  const store = await openStore({ directory: t.testdir() });
  const service = new FakeService();
  const logLines: string[] = [];
  const logger = pino({ level: 'info' }, lineSink(logLines));
  const runtimes = ['nodejs20.x', 'python3.11'];
  const templates = new FakeTemplates();
  const snapshots = new FakeSnapshots();
  const activation = new Activation(store, snapshots, logger);
  const metrics = new Metrics();
  const rooms = { store, service, templates, activation, identity, runtimes, metrics };
  const app = await createApi({ ...rooms, version: '1.2.3', logger });
  t.teardown(async () => {
    await app.close();
    activation.close();
    store.close();
  });
  const send: Bench['send'] = (what, call = {}) => inject(app, what, call);
  return {
    app,
    metrics,
    store,
    service,
    snapshots,
    templates,
    logLines,
    send,
    async create(name = 'hello', changes = {}) {
      const answer = await send(`POST ${functionsPath}`, { body: creation(name, changes) });
      t.equal(answer.statusCode, 201, answer.body);
      return answer.json();
    },
  };
}

/** The body that creates a function. */
export function creation(name: string, changes: object = {}): Record<string, unknown> {
  return {
    FunctionName: name,
    Runtime: 'nodejs20.x',
    Role: 'arn:aws:iam::000000000000:role/r',
    Handler: 'index.handler',
    Code: { ZipFile: helloZip.toString('base64') },
    ...changes,
  };
}

/** Checks that an answer is an error as the official clients read it. */
export function isLambdaError(
  t: Test,
  answer: Answer,
  expected: readonly [status: number, type: string, message: RegExp],
  name?: string,
): void {
  const [status, type, message] = expected;
  const found = {
    status: answer.statusCode,
    type: answer.headers['x-amzn-errortype'],
    requestId: answer.headers['x-amzn-requestid'],
    body: answer.json(),
  };
  const isCapital = type === 'ResourceNotFoundException' || type === 'ServiceException';
  const body = { Type: /^(User|Server)$/, [isCapital ? 'Message' : 'message']: message };
  t.match(found, { status, type, requestId: /^[0-9a-f-]{36}$/, body }, name ?? String(message));
}

/** Checks that an answer is an error as the routes under `/v1` give it. */
export function isPlainError(
  t: Test,
  answer: Answer,
  expected: readonly [status: number, code: string, message: RegExp],
): void {
  const [status, code, message] = expected;
  t.match(
    { status: answer.statusCode, body: answer.json() },
    { status, body: { error: { code, message } } },
  );
}

async function inject(app: Api, what: string, { headers = {}, body }: Call) {
  const [method = '', url = ''] = what.split(' ');
  const isRaw = body === undefined || typeof body === 'string' || Buffer.isBuffer(body);
  const payload = isRaw ? body : JSON.stringify(body);
  return await app.inject({
    method: method as 'GET',
    url,
    headers,
    ...(payload === undefined ? {} : { payload }),
  });
}

function lineSink(lines: string[]): Writable {
  return new Writable({
    write(chunk, _encoding, done) {
      lines.push(...String(chunk).trimEnd().split('\n'));
      done();
    },
  });
}
