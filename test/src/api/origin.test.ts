import { mkdtemp, rm } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { listen } from '../../../src/api/index.js';
import { creation, functionsPath, isLambdaError, isPlainError, openBench } from './harness.js';

type Headers = Record<string, string>;

/** Requests as the browser sends them for a page that is not the service's own. */
const foreign: readonly Headers[] = [
  { host: 'localhost:9100', origin: 'https://example.org' },
  { host: 'localhost:9100', origin: 'http://localhost:3000' },
  { host: 'localhost:9100', origin: 'http://127.0.0.1:9100' },
  { host: 'localhost:9100', origin: 'null' },
  { host: 'localhost:9100', 'sec-fetch-site': 'cross-site' },
  { host: 'localhost:9100', 'sec-fetch-site': 'same-site' },
  { host: 'rebound.example.org:9100', origin: 'http://rebound.example.org:9100' },
  { host: 'rebound.example.org:9100', 'sec-fetch-site': 'same-origin' },
  { host: '127.0.0.1.example.org' },
  { host: '[::2]:9100' },
  { host: '10.0.0.1:9100' },
];

/** Those of its own pages, of its user's address bar, and of programs. */
const own: readonly Headers[] = [
  {},
  { host: 'LOCALHOST' },
  { host: 'localhost:9100', origin: 'http://localhost:9100', 'sec-fetch-site': 'same-origin' },
  { host: 'LocalHost:9100', origin: 'http://localhost:9100' },
  { host: '127.0.0.1:9100', 'sec-fetch-site': 'none' },
  { host: '127.8.9.10:1', origin: 'http://127.8.9.10:1' },
  { host: '[::1]:9100', origin: 'http://[::1]:9100' },
];

t.test('a web page of another site is refused, and nothing is done', async (t) => {
  const { create, send, service, store } = await openBench(t);
  await create();
  for (const headers of foreign) {
    const name = JSON.stringify(headers);
    const refusal = [403, 'AccessDeniedException', /Host header|web page/] as const;
    const invoked = await send(`POST ${functionsPath}/hello/invocations`, { headers, body: '{}' });
    isLambdaError(t, invoked, refusal, name);
    const body = creation('other');
    isLambdaError(t, await send(`POST ${functionsPath}`, { headers, body }), refusal, name);
    isLambdaError(t, await send('OPTIONS /2015-03-31/nothing', { headers }), refusal, name);
    for (const call of ['DELETE /v1/instances/i-1', 'GET /v1/host', 'GET /nothing']) {
      isPlainError(t, await send(call, { headers }), [403, 'ORIGIN_REFUSED', /Host|web page/]);
    }
  }
  t.same([service.invocations, service.evicted], [[], []]);
  t.equal(store.find('other'), null);
});

t.test('its own pages, and programs, are served', async (t) => {
  const { send } = await openBench(t);
  for (const headers of own) {
    t.equal((await send('GET /v1/host', { headers })).statusCode, 200, JSON.stringify(headers));
  }
});

async function socketPath(t: Test): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'ballast-'));
  t.teardown(() => rm(directory, { recursive: true }));
  return join(directory, 's');
}

function statusOf(options: { socketPath?: string; port?: number; headers: Headers }) {
  return new Promise((resolve, reject) => {
    httpRequest({ path: '/healthz', agent: false, ...options }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .once('error', reject)
      .end();
  });
}

t.test('a socket file may have any name, but no foreign page', async (t) => {
  const { app } = await openBench(t);
  const path = await socketPath(t);
  await listen(app, { kind: 'unix', path });
  for (const host of ['ballast', 'example.org:80', '']) {
    t.equal(await statusOf({ socketPath: path, headers: { host } }), 200, host);
  }
  const headers = { host: 'ballast', origin: 'https://example.org' };
  t.equal(await statusOf({ socketPath: path, headers }), 403);
});

t.test('a port is known by names of loopback only', async (t) => {
  const { app } = await openBench(t);
  const address = await listen(app, { kind: 'tcp', host: '127.0.0.1', port: 0 });
  const port = Number(new URL(address).port);
  t.equal(await statusOf({ port, headers: { host: `localhost:${port}` } }), 200);
  t.equal(await statusOf({ port, headers: { host: `ballast:${port}` } }), 403);
});
