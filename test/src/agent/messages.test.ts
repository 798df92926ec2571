import fc from 'fast-check';
import t from 'tap';
import {
  exitEvent,
  failureHead,
  helloEvent,
  invokeReply,
  memoryReply,
  startReply,
} from '../../../src/agent/messages.js';
import { goodHello, guestMemory } from '../../support/fakeGuest.js';

const invoked = {
  outcome: 'response',
  durationMs: 1.5,
  logTail: 'aGk=',
  logBytes: 2,
  memory: guestMemory,
};
const started = { outcome: 'ready', initMs: 90, logTail: '', memory: guestMemory };
const exited = { event: 'exit', exitCode: null, signal: 'SIGKILL', outOfMemory: false };

t.test('what the protocol describes is taken', async (t) => {
  t.ok(helloEvent.Check(goodHello));
  t.ok(helloEvent.Check({ ...goodHello, memory: { ...guestMemory, limitBytes: null } }));
  t.ok(exitEvent.Check(exited));
  t.ok(memoryReply.Check({ memory: guestMemory }));
  t.ok(startReply.Check(started));
  for (const outcome of ['response', 'error', 'exit', 'out-of-memory', 'too-large', 'stopped']) {
    t.ok(invokeReply.Check({ ...invoked, outcome }), outcome);
  }
  for (const outcome of ['ready', 'error', 'exit', 'out-of-memory', 'timeout', 'stopped']) {
    t.ok(startReply.Check({ ...started, outcome }), outcome);
  }
  t.ok(invokeReply.Check({ ...invoked, errorType: 'Error', exitCode: null, signal: null }));
  t.ok(failureHead.Check({ code: 'memory-held', message: 'in use', heldBytes: 5 }));
  t.ok(invokeReply.Check({ ...invoked, later: 'a field of a later version' }));
});

t.test('what is beyond the bounds is not', async (t) => {
  const longTail = 'A'.repeat(4 * Math.ceil(4096 / 3) + 4);
  const bad: Readonly<Record<string, object>> = {
    'a negative time': { durationMs: -1 },
    'an unknown outcome': { outcome: 'ready' },
    'a long word': { errorType: 'x'.repeat(257) },
    'a tail that is too long': { logTail: longTail },
    'a tail that is not base64': { logTail: '../..' },
    'half a byte': { memory: { ...guestMemory, peakBytes: 0.5 } },
    'bytes beyond the exact': { memory: { ...guestMemory, totalBytes: 2 ** 60 } },
    'bytes in words': { memory: { ...guestMemory, freeBytes: '5' } },
    'no memory': { memory: undefined },
    'an exit code of a half': { exitCode: 0.5 },
  };
  for (const [what, fields] of Object.entries(bad)) {
    t.notOk(invokeReply.Check({ ...invoked, ...fields }), what);
  }
  t.notOk(helloEvent.Check({ ...goodHello, runtimes: Array(65).fill('nodejs20.x') }));
  t.notOk(helloEvent.Check({ ...goodHello, event: 'exit' }));
  t.notOk(exitEvent.Check({ ...exited, outOfMemory: 1 }));
  t.notOk(failureHead.Check({ code: 'busy', message: 'x'.repeat(4097) }));
  t.notOk(failureHead.Check({ message: 'no code' }));
});

t.test('any JSON is judged, none makes the judge fail', async (t) => {
  const judges = [helloEvent, exitEvent, memoryReply, startReply, invokeReply, failureHead];
  fc.assert(
    fc.property(fc.jsonValue(), (head) => judges.every((judge) => judge.Check(head) === false)),
  );
  t.pass();
});
