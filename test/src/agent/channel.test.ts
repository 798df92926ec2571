import { Duplex } from 'node:stream';
import t from 'tap';
import { AgentFailure, Channel } from '../../../src/agent/channel.js';
import { encodeFrame, type FrameType, frameTypes } from '../../../src/agent/codec.js';
import { BallastError } from '../../../src/model/errors.js';

/** A stream whose other end is the test. */
class Wire extends Duplex {
  written = 0;

  override _read(): void {}

  override _write(chunk: Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
    this.written += chunk.length;
    done();
  }

  frame(type: FrameType, id: number, head: unknown): void {
    this.push(encodeFrame({ type, id, head }));
  }
}

function channelOver(wire: Wire) {
  const events: unknown[] = [];
  const ends: Error[] = [];
  const channel = new Channel(wire, {
    onEvent: (head) => events.push(head),
    onEnd: (error) => ends.push(error),
  });
  return { channel, events, ends };
}

const patient = { timeoutMs: 60_000 };

t.test('each answer finds its request, in whatever order they come', async (t) => {
  const wire = new Wire();
  const { channel } = channelOver(wire);
  const both = [channel.request('one', {}, patient), channel.request('two', {}, patient)];
  wire.frame(frameTypes.reply, 2, 'second');
  wire.frame(frameTypes.reply, 1, 'first');
  const heads = (await Promise.all(both)).map(({ head }) => head);
  t.same(heads, ['first', 'second']);
  channel.end(new Error('over'));
});

t.test("a failure is the agent's own word", async (t) => {
  const wire = new Wire();
  const { channel, ends } = channelOver(wire);
  const asked = channel.request('claim', {}, patient);
  wire.frame(frameTypes.failure, 1, { code: 'memory-held', message: 'in use', heldBytes: 9 });
  await t.rejects(asked, {
    name: 'AgentFailure',
    code: 'memory-held',
    heldBytes: 9,
    message: /refused 'claim'.*in use/,
  });
  t.same(ends, [], 'the channel goes on');
  const next = channel.request('memory', {}, patient);
  wire.frame(frameTypes.reply, 2, {});
  t.notOk((await next) instanceof AgentFailure);
  channel.end(new Error('over'));
});

t.test("a request times out by itself, and its late answer is nobody's", async (t) => {
  const wire = new Wire();
  const { channel, ends } = channelOver(wire);
  const other = channel.request('invoke', {}, patient);
  await t.rejects(channel.request('stop', {}, { timeoutMs: 1 }), {
    code: 'GUEST_TIMEOUT',
    message: /'stop' within 1 ms/,
  });
  wire.frame(frameTypes.reply, 2, 'late');
  wire.frame(frameTypes.reply, 77, 'to nobody');
  wire.frame(frameTypes.failure, 78, { code: 'busy', message: 'to nobody either' });
  wire.frame(frameTypes.reply, 1, 'in time');
  t.equal((await other).head, 'in time');
  t.same(ends, []);
  channel.end(new Error('over'));
});

t.test('requests that wait are bounded', async (t) => {
  const { channel } = channelOver(new Wire());
  const waiting = Array.from({ length: 8 }, () => channel.request('memory', {}, patient));
  await t.rejects(channel.request('memory', {}, patient), { code: 'INTERNAL', message: /one too/ });
  const over = new BallastError('INSTANCE_LOST', 'over');
  channel.end(over);
  for (const one of waiting) await t.rejects(one, over);
});

t.test('a request beyond the bounds is a rejection, and nothing is sent', async (t) => {
  const wire = new Wire();
  const { channel } = channelOver(wire);
  const asked = channel.request('start', { handler: 'x'.repeat(70_000) }, patient);
  await t.rejects(asked, { code: 'GUEST_PROTOCOL' });
  t.equal(wire.written, 0);
  channel.end(new Error('over'));
});

t.test('the end comes once, and is the answer to everything after it', async (t) => {
  const wire = new Wire();
  const { channel, events, ends } = channelOver(wire);
  const waiting = channel.request('memory', {}, patient);
  const over = new BallastError('INSTANCE_LOST', 'over');
  channel.end(over);
  channel.end(new Error('again'));
  await t.rejects(waiting, over);
  await t.rejects(channel.request('memory', {}, patient), over);
  t.same(ends, [over]);
  t.ok(wire.destroyed);
  wire.emit('data', encodeFrame({ type: frameTypes.event, id: 0, head: 'late' }));
  t.same(events, []);
});

t.test('a stream that fails or closes ends the channel', async (t) => {
  for (const cause of [new Error('EIO'), undefined]) {
    const wire = new Wire();
    const { channel, ends } = channelOver(wire);
    const waiting = channel.request('memory', {}, patient);
    wire.destroy(cause);
    await t.rejects(waiting, { code: 'INSTANCE_LOST' });
    t.equal(ends.length, 1);
    t.equal(ends[0]?.cause, cause);
  }
});

t.test('a broken rule ends the channel for everybody', async (t) => {
  const broken: Readonly<Record<string, (wire: Wire) => void>> = {
    'a request': (wire) => wire.frame(frameTypes.request, 1, { op: 'memory' }),
    'a request to nobody': (wire) => wire.frame(frameTypes.request, 99, { op: 'memory' }),
    'a failure without a code': (wire) => wire.frame(frameTypes.failure, 1, { message: 'no' }),
    'a failure that is none': (wire) => wire.frame(frameTypes.failure, 1, null),
    garbage: (wire) => wire.push(Buffer.alloc(64, 0xff)),
  };
  for (const [what, breakRule] of Object.entries(broken)) {
    const wire = new Wire();
    const { channel, ends } = channelOver(wire);
    const both = [channel.request('one', {}, patient), channel.request('two', {}, patient)];
    breakRule(wire);
    for (const one of both) await t.rejects(one, { code: 'GUEST_PROTOCOL' }, what);
    t.equal(ends.length, 1, what);
    t.ok(wire.destroyed, what);
  }
});

t.test("frames behind the one that ended the channel are nobody's", async (t) => {
  const wire = new Wire();
  const events: unknown[] = [];
  const channel = new Channel(wire, {
    onEvent: (head) => {
      events.push(head);
      channel.end(new Error('enough'));
    },
    onEnd: () => {},
  });
  const event = (head: string) => encodeFrame({ type: frameTypes.event, id: 0, head });
  wire.emit('data', Buffer.concat([event('first'), event('second')]));
  t.same(events, ['first']);
});
