import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import t from 'tap';
import {
  encodeFrame,
  type Frame,
  FrameDecoder,
  frameTypes,
  maxFrameBytes,
  maxHeadBytes,
} from '../../../src/agent/codec.js';

const frames = fc.record({
  type: fc.constantFrom(...Object.values(frameTypes)),
  id: fc.integer({ min: 0, max: 0xffff_ffff }),
  head: fc.jsonValue(),
  body: fc.uint8Array({ maxLength: 4096 }),
});

/** Cuts bytes where the numbers say, to look like a stream that arrives in pieces. */
function cut(bytes: Buffer, at: readonly number[]): Buffer[] {
  const places = [...new Set(at.map((n) => n % (bytes.length + 1)))].sort((a, b) => a - b);
  const pieces: Buffer[] = [];
  let from = 0;
  for (const place of [...places, bytes.length]) {
    pieces.push(bytes.subarray(from, place));
    from = place;
  }
  return pieces;
}

t.test('what was encoded is decoded, however it is cut', async (t) => {
  const cuts = fc.array(fc.nat(), { maxLength: 20 });
  fc.assert(
    fc.property(fc.array(frames, { maxLength: 5 }), cuts, (sent, at) => {
      const bytes = Buffer.concat(sent.map((frame) => encodeFrame(frame)));
      const decoder = new FrameDecoder();
      const got: Frame[] = cut(bytes, at).flatMap((piece) => decoder.push(piece));
      const plain = (frame: Frame) => ({
        ...frame,
        head: JSON.stringify(frame.head),
        body: Buffer.from(frame.body).toString('hex'),
      });
      t.same(got.map(plain), sent.map(plain));
    }),
  );
});

t.test('arbitrary bytes give frames or a protocol error, never anything else', async (t) => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 64 }), { maxLength: 20 }), (pieces) => {
      const decoder = new FrameDecoder();
      try {
        for (const piece of pieces) decoder.push(Buffer.from(piece));
      } catch (error) {
        t.match(error, { code: 'GUEST_PROTOCOL' });
      }
    }),
    { numRuns: 2000 },
  );
});

function header(fields: { length?: number; head?: number; type?: number; tail?: number }): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt32LE(fields.length ?? 2, 0);
  bytes.writeUInt32LE(fields.head ?? 2, 4);
  bytes.writeUInt8(fields.type ?? frameTypes.reply, 12);
  bytes.writeUInt8(fields.tail ?? 0, 15);
  return bytes;
}

t.test('a header beyond the bounds is refused before anything is kept', async (t) => {
  const bad = {
    'a frame too long': header({ length: maxFrameBytes + 1 }),
    'a head too long': header({ length: maxFrameBytes, head: maxHeadBytes + 1 }),
    'a head longer than its frame': header({ length: 2, head: 3 }),
    'a type of zero': header({ type: 0 }),
    'an unknown type': header({ type: 5 }),
    'reserved bytes': header({ tail: 1 }),
  };
  for (const [what, bytes] of Object.entries(bad)) {
    t.throws(() => new FrameDecoder().push(bytes), { code: 'GUEST_PROTOCOL' }, what);
  }
});

t.test('a head that is not JSON is refused', async (t) => {
  const bytes = Buffer.concat([header({}), Buffer.from('{]')]);
  t.throws(() => new FrameDecoder().push(bytes), { message: /not JSON/ });
});

t.test('the host does not send what the guest would refuse', async (t) => {
  const body = new Uint8Array(maxFrameBytes);
  const frame = { type: frameTypes.request, id: 1, head: {} };
  t.throws(() => encodeFrame({ ...frame, body }), { code: 'GUEST_PROTOCOL' });
  const head = 'x'.repeat(maxHeadBytes);
  t.throws(() => encodeFrame({ ...frame, head }), { code: 'GUEST_PROTOCOL' });
});

/** What this process holds, without garbage. */
function heldBytes(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

t.test('a frame that comes byte by byte takes no more room than any other', async (t) => {
  const sentBytes = 512 * 1024;
  const decoder = new FrameDecoder();
  const bytes = Buffer.alloc(1);
  const before = heldBytes();
  decoder.push(header({ length: sentBytes + 1, head: 2 }));
  for (let n = 0; n < sentBytes; n += 1) decoder.push(bytes.subarray(0));
  t.ok(heldBytes() - before < 8 * sentBytes);
  t.throws(() => decoder.push(bytes), { message: /not JSON/ }, 'the frame was all there');
});
