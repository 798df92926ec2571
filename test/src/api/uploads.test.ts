import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import Fastify from 'fastify';
import t, { type Test } from 'tap';
import { acceptJson } from '../../../src/api/bodies.js';
import type { Api } from '../../../src/api/context.js';
import { sendLambdaError } from '../../../src/api/errors/lambda.js';
import { boundUploads } from '../../../src/api/uploads.js';
import { Gate } from '../../support/gate.js';
import { functionsPath, openBench } from './harness.js';

const bodyLimit = 1000;
const maxBytes = 2500;
const tooMany = { status: 429, headers: { 'retry-after': '2' }, body: /leave room for \d+ now/ };

/** A server whose one route reads a body and then waits at the gate, if the body says so. */
async function openServer(t: Test) {
  const app: Api = Fastify({ bodyLimit });
  const gate = new Gate();
  app.setErrorHandler(sendLambdaError);
  acceptJson(app);
  boundUploads(app, maxBytes);
  app.post('/', async ({ body }) => {
    if (JSON.stringify(body).includes('wait')) await gate.wait();
    return 'done';
  });
  app.get('/', async () => 'done');
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  t.teardown(() => app.close());
  const port = Number(new URL(address).port);
  /** A request with `bytes` bytes of JSON. */
  const send = async (bytes: number) => {
    const body = JSON.stringify('x'.repeat(bytes - 2));
    const response = await fetch(address, { method: 'POST', body });
    const headers = Object.fromEntries(response.headers);
    return { status: response.status, headers, body: await response.text() };
  };
  return { app, gate, address, port, send };
}

/** Sends the head of a request, and what is given of its body. */
async function begin(t: Test, port: number, head: string, body = ''): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  t.teardown(() => socket.destroy());
  await once(socket, 'connect');
  socket.write(`POST ${head}\r\n\r\n${body}`);
  return socket;
}

const announce = (t: Test, port: number, bytes: number) =>
  begin(t, port, `/ HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${bytes}`);

/** Sends until the answer has this status, which the server comes to in its own time. */
async function until(status: number, send: () => Promise<{ status: number }>): Promise<void> {
  while ((await send()).status !== status) await delay(5);
}

t.test('what is on its way counts as what it will be, until its client goes', async (t) => {
  const { port, send, address } = await openServer(t);
  const first = await announce(t, port, 1000);
  await announce(t, port, 1000);
  await until(429, () => send(501));
  t.match(await send(501), tooMany);
  t.equal((await send(500)).status, 200);
  t.equal((await send(1001)).status, 413, 'what is too large by itself is not a matter of room');
  t.equal((await fetch(address)).status, 200, 'what has no body needs no room');
  first.destroy();
  await until(200, () => send(1000));
});

t.test('a body of unknown size counts as the largest', async (t) => {
  const { port, send } = await openServer(t);
  const head = '/ HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked';
  await begin(t, port, head);
  await begin(t, port, head);
  await until(429, () => send(501));
  t.equal((await send(500)).status, 200);
});

t.test('what was sent whole counts until it is answered, though its client goes', async (t) => {
  const { port, send, gate, app } = await openServer(t);
  await announce(t, port, 1000);
  const body = JSON.stringify('wait'.padEnd(998));
  const head = '/ HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000';
  const arriving: Promise<Socket[]> = once(app.server, 'connection');
  const client = await begin(t, port, head, body);
  const [served] = await arriving;
  await gate.arrival();
  client.destroy();
  await new Promise((resolve) => served?.once('close', resolve));
  t.match(await send(501), tooMany);
  gate.open();
  await until(200, () => send(1000));
});

t.test('requests are answered one after the other without end', async (t) => {
  const { send } = await openServer(t);
  for (let turn = 0; turn < 10; turn += 1) {
    t.equal((await send(1000)).status, 200);
    t.equal((await send(1001)).status, 413);
  }
});

t.test('packages are bounded, three of the largest at a time', async (t) => {
  const { app, create, send } = await openBench(t);
  await create();
  const port = Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port);
  const largest = Math.ceil((50 * 1024 * 1024) / 3) * 4 + 64 * 1024;
  const head = `${functionsPath} HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${largest}`;
  for (let count = 0; count < 3; count += 1) await begin(t, port, head);
  const change = () => send(`PUT ${functionsPath}/hello/configuration`, { body: { Timeout: 5 } });
  await until(429, async () => ({ status: (await change()).statusCode }));
  t.match((await change()).json(), { Reason: 'CallerRateLimitExceeded', Type: 'User' });
  t.equal((await send(`GET ${functionsPath}/hello`)).statusCode, 200);
});
