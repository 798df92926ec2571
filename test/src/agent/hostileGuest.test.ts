/** Whatever bytes a guest sends, in whatever pieces, the host gets an answer or a named error. */
import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import t from 'tap';
import { AgentFailure } from '../../../src/agent/channel.js';
import { AgentClient } from '../../../src/agent/client.js';
import { encodeFrame, frameTypes } from '../../../src/agent/codec.js';
import { BallastError } from '../../../src/model/errors.js';
import { eventFrame, FakeGuest, goodHello, guestMemory } from '../../support/fakeGuest.js';

const heads = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constant(goodHello),
  fc.constant({ memory: guestMemory }),
  fc.constant({ event: 'exit', exitCode: 0, signal: null, outOfMemory: false }),
  fc.record(
    {
      outcome: fc.constantFrom('ready', 'response', 'exit', 'nonsense'),
      durationMs: fc.double({ min: -1, max: 1e300 }),
      logBytes: fc.integer(),
      logTail: fc.oneof(fc.string(), fc.base64String()),
      memory: fc.constant(guestMemory),
    },
    { requiredKeys: [] },
  ),
  fc.record({ code: fc.string(), message: fc.string() }, { requiredKeys: [] }),
);

const frames = fc
  .record({
    type: fc.constantFrom(...Object.values(frameTypes)),
    // The host counts its requests from 1, so that small numbers hit.
    id: fc.integer({ min: 0, max: 4 }),
    head: heads,
    body: fc.uint8Array({ maxLength: 64 }),
  })
  .map((frame) => encodeFrame(frame));

const headers = fc
  .tuple(fc.nat(200), fc.nat(200), fc.nat(4), fc.nat(6), fc.uint8Array({ maxLength: 100 }))
  .map(([length, headLength, id, type, rest]) => {
    const header = Buffer.alloc(16);
    header.writeUInt32LE(length, 0);
    header.writeUInt32LE(headLength, 4);
    header.writeUInt32LE(id, 8);
    header.writeUInt8(type, 12);
    return Buffer.concat([header, rest]);
  });

const noise = fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes));

const speech = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: frames },
    { weight: 1, arbitrary: headers },
    {
      weight: 1,
      arbitrary: noise,
    },
  ),
  { minLength: 1, maxLength: 8 },
);

/** Joins a speech and cuts it anew, where frames do not end. */
function pieces(parts: readonly Buffer[], size: number): Buffer[] {
  const all = Buffer.concat(parts);
  const cut: Buffer[] = [];
  for (let at = 0; at < all.length; at += size) cut.push(all.subarray(at, at + size));
  return cut;
}

const isNamed = (error: unknown): boolean =>
  error instanceof AgentFailure ||
  (error instanceof BallastError && ['GUEST_PROTOCOL', 'INSTANCE_LOST'].includes(error.code));

async function endsWell(outcome: Promise<unknown>): Promise<void> {
  await outcome.catch((error: unknown) => assert.ok(isNamed(error), String(error)));
}

const limits = { memoryBytes: 1, cpuQuotaUs: null, cpuPeriodUs: 1, processes: 1 };
const invocation = { requestId: 'r', deadlineMs: 1, nowMs: 0, functionArn: 'f' };

t.test('during requests', async (t) => {
  await fc.assert(
    fc.asyncProperty(speech, fc.integer({ min: 1, max: 300 }), async (parts, size) => {
      const guest = await FakeGuest.listen();
      try {
        const ends: Error[] = [];
        const { client } = await AgentClient.connect(guest.socketPath, {
          signal: AbortSignal.timeout(20_000),
          onEnd: (error) => ends.push(error),
        });
        const asked = [
          client.memory(),
          client.claim(limits),
          client.invoke(invocation, Buffer.from('{}'), 1000),
        ].map(endsWell);
        for (const piece of pieces(parts, size)) {
          guest.send(piece);
          await nextTurn();
        }
        guest.hangUp();
        await Promise.all(asked);
        while (ends.length === 0) await nextTurn();
        assert.equal(ends.length, 1);
        assert.ok(isNamed(ends[0]));
      } finally {
        await guest.close();
      }
    }),
    { numRuns: 150 },
  );
  t.pass();
});

t.test('instead of a hello, or behind it', async (t) => {
  const greetings = fc.tuple(fc.boolean(), speech).map(([polite, parts]) => {
    return Buffer.concat([...(polite ? [eventFrame(goodHello)] : []), ...parts]);
  });
  await fc.assert(
    fc.asyncProperty(greetings, async (greeting) => {
      const guest = await FakeGuest.listen(greeting);
      try {
        const signal = AbortSignal.timeout(20_000);
        const connecting = AgentClient.connect(guest.socketPath, { signal });
        const asking = connecting.then(({ client }) => client.memory());
        const ended = endsWell(asking);
        const ending = setInterval(() => guest.hangUp(), 2);
        await ended.finally(() => clearInterval(ending));
      } finally {
        await guest.close();
      }
    }),
    { numRuns: 100 },
  );
  t.pass();
});
