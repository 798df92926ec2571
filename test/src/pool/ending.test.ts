import t from 'tap';
import type { GuestMemory, InvokeReply, StartReply } from '../../../src/agent/messages.js';
import { limits } from '../../../src/model/limits.js';
import { endingOf, startFailure } from '../../../src/pool/ending.js';

const memory: GuestMemory = {
  totalBytes: 2 ** 29,
  freeBytes: 2 ** 28,
  availableBytes: 2 ** 28,
  limitBytes: 2 ** 27,
  currentBytes: 2 ** 26,
  peakBytes: 70 * 2 ** 20 + 1,
  oomKills: 0,
};
const body = Buffer.from('{"a":1}');
const inTime = { timedOut: false, timeoutMs: 3000 };
const late = { timedOut: true, timeoutMs: 3000 };

type Outcome = InvokeReply['outcome'];

const reply = (outcome: Outcome, more: Partial<InvokeReply> = {}): InvokeReply => ({
  outcome,
  durationMs: 12.5,
  logBytes: 3,
  logTail: Buffer.from('log').toString('base64'),
  memory,
  ...more,
});

const started = (outcome: StartReply['outcome'], more: Partial<StartReply> = {}): StartReply => ({
  outcome,
  initMs: 80.5,
  logTail: Buffer.from('log').toString('base64'),
  memory,
  ...more,
});

const ending = (head: InvokeReply, clock = inTime, bytes: Uint8Array = body) =>
  endingOf({ head, body: bytes }, clock);

t.test('a response is the payload, with its log, its duration and its peak', async (t) => {
  const { payload, logTail, ...rest } = ending(reply('response'));
  t.same(rest, { failure: null, durationMs: 12.5, peakMib: 71, heldMib: 64 });
  t.equal(Buffer.from(payload).toString(), '{"a":1}');
  t.equal(Buffer.from(logTail).toString(), 'log');
});

t.test('an error keeps its type and the object that the runtime posted', async (t) => {
  const { failure, payload } = ending(reply('error', { errorType: 'TypeError' }));
  t.same(failure, { kind: 'error', errorType: 'TypeError' });
  t.equal(Buffer.from(payload).toString(), '{"a":1}');
  t.same(ending(reply('error')).failure, { kind: 'error', errorType: 'Runtime.Unknown' });
});

t.test('what ended without a word of the function has no payload', async (t) => {
  const endings: [InvokeReply, object][] = [
    [reply('exit', { exitCode: 3, signal: null }), { kind: 'exit', exitCode: 3, signal: null }],
    [
      reply('exit', { exitCode: null, signal: 'SIGSEGV' }),
      { kind: 'exit', exitCode: null, signal: 'SIGSEGV' },
    ],
    [reply('exit'), { kind: 'exit', exitCode: null, signal: null }],
    [reply('out-of-memory'), { kind: 'out-of-memory' }],
    [
      reply('too-large', { responseBytes: 7_000_000 }),
      { kind: 'response-too-large', bytes: 7_000_000 },
    ],
    [reply('too-large'), { kind: 'response-too-large', bytes: limits.maxPayloadBytes + 1 }],
    [reply('stopped'), { kind: 'exit', exitCode: null, signal: null }],
  ];
  for (const [head, failure] of endings) {
    const { failure: found, payload, durationMs } = ending(head);
    t.same(found, failure, head.outcome);
    t.equal(payload.length, 0, head.outcome);
    t.equal(durationMs, 12.5);
  }
});

t.test('what was ended past its deadline is a timeout of exactly the timeout', async (t) => {
  for (const outcome of ['stopped', 'exit', 'out-of-memory'] as const) {
    const { failure, payload, durationMs } = ending(reply(outcome), late);
    t.same(failure, { kind: 'timeout' }, outcome);
    t.equal(payload.length, 0);
    t.equal(durationMs, 3000);
  }
});

t.test('an answer that was on its way at the deadline counts as it is', async (t) => {
  t.equal(ending(reply('response'), late).failure, null);
  t.match(ending(reply('error', { errorType: 'E' }), late).failure, { kind: 'error' });
  t.match(ending(reply('too-large'), late).failure, { kind: 'response-too-large' });
});

t.test('a guest that does not keep the bound of responses is held to it', async (t) => {
  const most = new Uint8Array(limits.maxPayloadBytes);
  t.equal(ending(reply('response'), inTime, most).failure, null);
  const { failure, payload } = ending(
    reply('response'),
    inTime,
    new Uint8Array(limits.maxPayloadBytes + 1),
  );
  t.same(failure, { kind: 'response-too-large', bytes: limits.maxPayloadBytes + 1 });
  t.equal(payload.length, 0);
});

t.test('a log tail is at most 4 KiB, its end', async (t) => {
  const written = Buffer.concat([Buffer.from('>>'), Buffer.alloc(limits.logTailBytes, 'x')]);
  const { logTail } = ending(reply('response', { logTail: written.toString('base64') }));
  t.equal(Buffer.from(logTail).toString(), 'x'.repeat(limits.logTailBytes));
});

t.test('a start that failed ends the invocation that it was for', async (t) => {
  const heads: [StartReply, object][] = [
    [started('error', { errorType: 'Runtime.X' }), { kind: 'error', errorType: 'Runtime.X' }],
    [started('exit', { exitCode: 1 }), { kind: 'exit', exitCode: 1, signal: null }],
    [started('out-of-memory'), { kind: 'out-of-memory' }],
    [started('timeout'), { kind: 'timeout' }],
    [started('stopped'), { kind: 'exit', exitCode: null, signal: null }],
  ];
  for (const [head, failure] of heads) {
    const found = startFailure({ head, body });
    t.same(found.failure, failure, head.outcome);
    t.equal(found.payload.length, head.outcome === 'error' ? body.length : 0);
    t.equal(found.durationMs, 80.5);
    t.equal(found.peakMib, 71);
    t.equal(Buffer.from(found.logTail).toString(), 'log');
  }
});

t.test('use is rounded up to whole MiB', async (t) => {
  for (const [bytes, mib] of [
    [0, 0],
    [1, 1],
    [2 ** 20, 1],
  ] as const) {
    const use = { ...memory, peakBytes: bytes, currentBytes: bytes };
    t.match(ending(reply('response', { memory: use })), { peakMib: mib, heldMib: mib });
  }
});
