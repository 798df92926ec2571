import { rm, symlink } from 'node:fs/promises';
import { mock } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import t from 'tap';
import { AgentClient } from '../../../src/agent/client.js';
import { encodeFrame, frameTypes, maxFrameBytes } from '../../../src/agent/codec.js';
import type { GuestLimits, InvokeRequest, StartRequest } from '../../../src/agent/messages.js';
import { eventFrame, FakeGuest, goodHello, guestMemory } from '../../support/fakeGuest.js';

const limits: GuestLimits = {
  memoryBytes: 1,
  cpuQuotaUs: null,
  cpuPeriodUs: 100_000,
  processes: 1024,
};
const startRequest: StartRequest = {
  runtime: 'nodejs20.x',
  handler: 'index.handler',
  environment: {},
  limits,
  storageBytes: 1,
  timeoutMs: 1000,
  nowMs: 0,
};
const invokeRequest: InvokeRequest = { requestId: 'r', deadlineMs: 1, nowMs: 0, functionArn: 'f' };
const started = { outcome: 'ready', initMs: 90, logTail: '', memory: guestMemory };
const invoked = {
  outcome: 'response',
  durationMs: 1.5,
  logTail: 'aGk=',
  logBytes: 2,
  memory: guestMemory,
};

const soon = () => AbortSignal.timeout(20_000);

type Tap = Pick<typeof t, 'teardown'>;

async function guestFor(t: Tap, greeting?: Uint8Array): Promise<FakeGuest> {
  const guest = await FakeGuest.listen(greeting);
  t.teardown(() => guest.close());
  return guest;
}

/** A client of a guest that said a good hello. */
async function connected(t: Tap) {
  const guest = await guestFor(t);
  const ends: Error[] = [];
  const exits: unknown[] = [];
  const { client } = await AgentClient.connect(guest.socketPath, {
    signal: soon(),
    onEnd: (error) => ends.push(error),
    onExit: (event) => exits.push(event),
  });
  t.teardown(() => client.close());
  return { guest, client, ends, exits };
}

t.test('a guest that says hello can be asked everything', async (t) => {
  const guest = await guestFor(t);
  const { client, hello } = await AgentClient.connect(guest.socketPath, { signal: soon() });
  t.same(hello, goodHello);
  guest.onRequest = (request) => {
    const { op } = request.head;
    if (op === 'start') guest.reply(request, started);
    else if (op === 'invoke') guest.reply(request, invoked, request.body);
    else guest.reply(request, { memory: guestMemory });
  };
  t.same((await client.start(startRequest)).head, started);
  const answer = await client.invoke(invokeRequest, Buffer.from('{"a":1}'), 1000);
  t.same(answer.head, invoked);
  t.equal(Buffer.from(answer.body).toString(), '{"a":1}');
  t.same(await client.claim(limits), guestMemory);
  t.same(await client.release(limits), guestMemory);
  t.same(await client.memory(), guestMemory);
  t.same(await client.stop(), guestMemory);
  const asked = guest.requests.map(({ head }) => head);
  t.match(asked, [
    { op: 'start', ...startRequest },
    { op: 'invoke', ...invokeRequest },
    { op: 'claim', limits },
    { op: 'release', limits },
    { op: 'memory' },
    { op: 'stop' },
  ]);
  client.close();
  await t.rejects(client.memory(), { code: 'INSTANCE_LOST' });
});

t.test('a guest is made a template, woken as a clone, and its function restored', async (t) => {
  const { guest, client } = await connected(t);
  guest.onRequest = (request) => {
    const isShort = ['wake', 'rehearse'].includes(String(request.head.op));
    guest.reply(request, isShort ? { memory: guestMemory } : started);
  };
  const { runtime, handler: _, environment, ...bounds } = startRequest;
  const { storageBytes, timeoutMs, nowMs } = bounds;
  const preload = { runtime, storageBytes, timeoutMs, nowMs };
  t.same((await client.preload(preload)).head, started);
  const entropy = Buffer.alloc(64, 7);
  const before = Date.now();
  await client.wake(entropy);
  await client.rehearse({ runtime, timeoutMs });
  const restore = { environment, limits, timeoutMs, nowMs };
  t.same((await client.restore(restore)).head, started);
  const [preloaded, woken, rehearsed, restored] = guest.requests;
  t.same(preloaded?.head, { op: 'preload', ...preload });
  t.same(Buffer.from(woken?.body ?? []), entropy);
  const toldMs = Number(woken?.head.nowMs);
  t.ok(toldMs >= before && toldMs <= Date.now(), 'it is told what time it is');
  t.same(rehearsed?.head, { op: 'rehearse', runtime, timeoutMs });
  t.same(restored?.head, { op: 'restore', ...restore });
});

t.test('who takes a channel over is told of it, and nobody else', async (t) => {
  const { guest, client, ends } = await connected(t);
  const told: string[] = [];
  client.listen({ onExit: () => told.push('exit'), onEnd: () => told.push('end') });
  guest.onRequest = (request) => guest.reply(request, { memory: guestMemory });
  guest.send(eventFrame({ event: 'exit', exitCode: 1, signal: null, outOfMemory: false }));
  await client.memory();
  guest.hangUp();
  await t.rejects(client.memory(), { code: 'INSTANCE_LOST' });
  t.same(told, ['exit', 'end']);
  t.same(ends, []);
});

/** What only templates and clones are asked. */
const cloneRequests: Readonly<Record<string, (client: AgentClient) => Promise<unknown>>> = {
  preload: (client) => {
    const { runtime, storageBytes, timeoutMs, nowMs } = startRequest;
    return client.preload({ runtime, storageBytes, timeoutMs, nowMs });
  },
  wake: (client) => client.wake(Buffer.alloc(64)),
  rehearse: (client) => client.rehearse({ runtime: 'provided', timeoutMs: 1000 }),
  restore: (client) => {
    const { environment, timeoutMs, nowMs } = startRequest;
    return client.restore({ environment, limits, timeoutMs, nowMs });
  },
};
for (const [op, ask] of Object.entries(cloneRequests)) {
  t.test(`a guest may refuse '${op}', and must not answer nonsense`, async (t) => {
    const { guest, client, ends } = await connected(t);
    const failure = { code: 'guest-error', message: 'ioctl: Operation not permitted' };
    guest.onRequest = (request) => guest.fail(request, failure);
    await t.rejects(ask(client), failure);
    t.same(ends, [], 'the channel goes on');
    guest.onRequest = (request) => guest.reply(request, { outcome: 'perfect', memory: 1 });
    await t.rejects(ask(client), { code: 'GUEST_PROTOCOL' });
    t.equal(ends.length, 1);
  });
}

t.test('a stop overtakes an invocation', async (t) => {
  const { guest, client } = await connected(t);
  guest.onRequest = (request) => {
    if (request.head.op !== 'stop') return;
    const [invocation] = guest.requests;
    if (invocation) guest.reply(invocation, { ...invoked, outcome: 'stopped' });
    guest.reply(request, { memory: guestMemory });
  };
  const running = client.invoke(invokeRequest, Buffer.from('{}'), 1000);
  await client.stop();
  t.equal((await running).head.outcome, 'stopped');
});

t.test('the host waits for a guest that does not listen yet', async (t) => {
  const guest = await guestFor(t);
  const late = `${guest.socketPath}.late`;
  const waiting = AgentClient.connect(late, { signal: soon() });
  await nextTurn();
  await symlink(guest.socketPath, late);
  const { client } = await waiting;
  client.close();
  await rm(late);
});

t.test('a guest that never comes, or never says hello, is given up', async (t) => {
  const silent = await guestFor(t, new Uint8Array(0));
  for (const path of [silent.socketPath, `${silent.socketPath}.none`]) {
    const patience = new AbortController();
    const waiting = AgentClient.connect(path, { signal: patience.signal });
    setImmediate(() => patience.abort());
    await t.rejects(waiting, { code: 'GUEST_TIMEOUT', message: /did not say hello/ });
  }
  const { socketPath } = silent;
  const tooLate = AgentClient.connect(socketPath, { signal: AbortSignal.abort() });
  await t.rejects(tooLate, { code: 'GUEST_TIMEOUT' });
});

t.test('a guest whose first words are wrong is refused', async (t) => {
  const oversized = Buffer.alloc(16);
  oversized.writeUInt32LE(maxFrameBytes + 1, 0);
  oversized.writeUInt8(frameTypes.event, 12);
  const greetings: Readonly<Record<string, readonly [Uint8Array, RegExp]>> = {
    'another version': [eventFrame({ ...goodHello, protocol: 2 }), /version 2.*make image/],
    garbage: [Buffer.alloc(64, 0x55), /broke the protocol/],
    'an oversized frame': [oversized, /8388609 bytes/],
    'a malformed hello': [eventFrame({ ...goodHello, memory: null }), /none of the protocol/],
    'an unknown event': [eventFrame({ event: 'party' }), /none of the protocol/],
  };
  for (const [what, [greeting, message]] of Object.entries(greetings)) {
    const guest = await guestFor(t, greeting);
    const ends: Error[] = [];
    const waiting = AgentClient.connect(guest.socketPath, {
      signal: soon(),
      onEnd: (error) => ends.push(error),
    });
    await t.rejects(waiting, { code: 'GUEST_PROTOCOL', message }, what);
    t.equal(ends.length, 1, what);
  }
});

t.test('a guest that hangs up instead of a hello is lost', async (t) => {
  const guest = await guestFor(t, new Uint8Array(0));
  const waiting = AgentClient.connect(guest.socketPath, { signal: soon() });
  const refused = t.rejects(waiting, { code: 'INSTANCE_LOST' });
  const knock = setInterval(() => guest.hangUp(), 1);
  await refused;
  clearInterval(knock);
});

t.test('what the guest refuses is an error with its code', async (t) => {
  const { guest, client, ends } = await connected(t);
  guest.onRequest = (request) =>
    guest.fail(request, { code: 'memory-held', message: 'in use', heldBytes: 300 });
  await t.rejects(client.claim(limits), {
    name: 'AgentFailure',
    code: 'memory-held',
    heldBytes: 300,
  });
  t.same(ends, []);
});

t.test('an answer that is malformed ends the instance', async (t) => {
  const asks: Readonly<Record<string, (client: AgentClient) => Promise<unknown>>> = {
    start: (client: AgentClient) => client.start(startRequest),
    invoke: (client: AgentClient) => client.invoke(invokeRequest, new Uint8Array(0), 1000),
    claim: (client: AgentClient) => client.claim(limits),
    memory: (client: AgentClient) => client.memory(),
  };
  for (const [op, ask] of Object.entries(asks)) {
    const { guest, client, ends } = await connected(t);
    guest.onRequest = (request) => guest.reply(request, { outcome: 'splendid' });
    await t.rejects(ask(client), { code: 'GUEST_PROTOCOL', message: new RegExp(`'${op}'`) });
    await t.rejects(client.memory(), { code: 'GUEST_PROTOCOL' }, 'it is asked nothing more');
    t.equal(ends.length, 1);
  }
});

t.test('whatever goes wrong during a request is the answer to it', async (t) => {
  const wrongs: Readonly<Record<string, readonly [(guest: FakeGuest) => void, string]>> = {
    'the guest hangs up': [(guest) => guest.hangUp(), 'INSTANCE_LOST'],
    'it sends garbage': [(guest) => guest.send(Buffer.alloc(64, 0xff)), 'GUEST_PROTOCOL'],
    'it sends half a frame and hangs up': [
      (guest) => {
        guest.send(eventFrame(goodHello).subarray(0, 20));
        setImmediate(() => guest.hangUp());
      },
      'INSTANCE_LOST',
    ],
    'it asks the host': [
      (guest) => guest.send(encodeFrame({ type: frameTypes.request, id: 1, head: { op: 'stop' } })),
      'GUEST_PROTOCOL',
    ],
    'it tells a strange event': [(guest) => guest.send(eventFrame(null)), 'GUEST_PROTOCOL'],
  };
  for (const [what, [happens, code]] of Object.entries(wrongs)) {
    const { guest, client, ends } = await connected(t);
    guest.onRequest = () => happens(guest);
    await t.rejects(client.invoke(invokeRequest, Buffer.from('{}'), 1000), { code }, what);
    t.equal(ends.length, 1, what);
  }
});

t.test('answers that nobody asked for are passed over', async (t) => {
  const { guest, client } = await connected(t);
  guest.onRequest = (request) => {
    guest.reply({ ...request, id: request.id + 1000 }, { memory: null });
    guest.fail({ ...request, id: 0 }, { code: 'busy', message: 'who?' });
    guest.reply(request, { memory: guestMemory });
    guest.reply(request, { memory: 'once more' });
  };
  t.same(await client.memory(), guestMemory);
  t.same(await client.memory(), guestMemory, 'and the channel goes on');
});

t.test('a runtime that ends by itself is told', async (t) => {
  const { guest, client, exits } = await connected(t);
  const exit = { event: 'exit', exitCode: 1, signal: null, outOfMemory: false };
  guest.onRequest = (request) => {
    guest.send(eventFrame(exit));
    guest.send(eventFrame(goodHello));
    guest.reply(request, { memory: guestMemory });
  };
  await client.memory();
  t.same(exits, [exit]);
});

t.test('a guest that does not answer is not waited for, for ever', async (t) => {
  const { guest, client, ends } = await connected(t);
  mock.timers.enable({ apis: ['setTimeout'] });
  t.teardown(() => mock.timers.reset());
  const running = client.invoke(invokeRequest, Buffer.from('{}'), 5_000);
  const refused = t.rejects(running, { code: 'GUEST_TIMEOUT', message: /'invoke' within 35000/ });
  mock.timers.tick(35_000);
  await refused;
  t.same(ends, [], 'whether the instance is of use is for others to say');
  guest.onRequest = (request) => {
    if (request.head.op === 'memory') guest.reply(request, { memory: guestMemory });
  };
  t.same(await client.memory(), guestMemory);
});
