/**
 * The frames of the guest channel: a 16-byte header, a JSON head and a body of bytes. The format
 * and its bounds are in `guest/protocol.md`. What a guest sends is untrusted, so every bound is
 * checked before anything is kept.
 */
import { BallastError } from '../model/errors.js';

export const protocolVersion = 1;
export const maxFrameBytes = 8 * 1024 * 1024;
export const maxHeadBytes = 64 * 1024;
const headerBytes = 16;

export const frameTypes = { event: 1, request: 2, reply: 3, failure: 4 } as const;
export type FrameType = (typeof frameTypes)[keyof typeof frameTypes];

export interface Frame {
  readonly type: FrameType;
  /** Chosen by the host and repeated in the answer; 0 in events. */
  readonly id: number;
  readonly head: unknown;
  readonly body: Uint8Array;
}

const noBytes = new Uint8Array(0);

/** @throws BallastError GUEST_PROTOCOL when the frame is beyond the bounds */
export function encodeFrame(frame: {
  readonly type: FrameType;
  readonly id: number;
  readonly head: unknown;
  readonly body?: Uint8Array;
}): Buffer {
  const head = Buffer.from(JSON.stringify(frame.head), 'utf8');
  const body = frame.body ?? noBytes;
  const length = head.length + body.length;
  if (head.length > maxHeadBytes) {
    throw protocolError(`a head of ${head.length} bytes is over the ${maxHeadBytes} allowed`);
  }
  if (length > maxFrameBytes) {
    throw protocolError(`a frame of ${length} bytes is over the ${maxFrameBytes} allowed`);
  }
  const header = Buffer.alloc(headerBytes);
  header.writeUInt32LE(length, 0);
  header.writeUInt32LE(head.length, 4);
  header.writeUInt32LE(frame.id, 8);
  header.writeUInt8(frame.type, 12);
  return Buffer.concat([header, head, body], headerBytes + length);
}

interface Header {
  readonly length: number;
  readonly headLength: number;
  readonly id: number;
  readonly type: FrameType;
}

/** Turns the bytes of a channel back into frames, however they are cut. */
export class FrameDecoder {
  /**
   * What no frame has taken yet is from `#start` to `#end`; bytes once written stay as they are.
   */
  #bytes: Buffer = Buffer.alloc(0);
  #start = 0;
  #end = 0;
  #header: Header | null = null;

  /**
   * Takes the next bytes and returns the frames that they complete. Never holds more than one frame
   * and the chunk that was handed in, in a buffer of at most twice their size.
   * @throws BallastError GUEST_PROTOCOL; the decoder is of no more use then
   */
  push(chunk: Buffer): Frame[] {
    this.#append(chunk);
    const frames: Frame[] = [];
    for (;;) {
      if (this.#header === null) {
        if (this.#end - this.#start < headerBytes) return frames;
        this.#header = parseHeader(this.#take(headerBytes));
      }
      if (this.#end - this.#start < this.#header.length) return frames;
      frames.push(parseFrame(this.#header, this.#take(this.#header.length)));
      this.#header = null;
    }
  }

  #append(chunk: Buffer): void {
    const heldBytes = this.#end - this.#start;
    if (heldBytes === 0) {
      this.#bytes = chunk;
      this.#start = 0;
      this.#end = chunk.length;
      return;
    }
    if (this.#end + chunk.length > this.#bytes.length) {
      // Doubled, so that a guest that sends byte by byte costs neither a copy nor an object each.
      const grown = Buffer.allocUnsafeSlow(2 * (heldBytes + chunk.length));
      this.#bytes.copy(grown, 0, this.#start, this.#end);
      this.#bytes = grown;
      this.#start = 0;
      this.#end = heldBytes;
    }
    this.#end += chunk.copy(this.#bytes, this.#end);
  }

  #take(count: number): Buffer {
    const taken = this.#bytes.subarray(this.#start, this.#start + count);
    this.#start += count;
    return taken;
  }
}

function parseHeader(bytes: Buffer): Header {
  const length = bytes.readUInt32LE(0);
  const headLength = bytes.readUInt32LE(4);
  const id = bytes.readUInt32LE(8);
  const type = bytes.readUInt8(12);
  if (length > maxFrameBytes) {
    throw protocolError(`it announced a frame of ${length} bytes; at most ${maxFrameBytes}`);
  }
  if (headLength > maxHeadBytes || headLength > length) {
    throw protocolError(`it announced a head of ${headLength} bytes in a frame of ${length}`);
  }
  if (!isFrameType(type)) throw protocolError(`it sent the unknown frame type ${type}`);
  if (bytes.readUIntLE(13, 3) !== 0) throw protocolError('it set reserved bytes of a header');
  return { length, headLength, id, type };
}

function parseFrame(header: Header, bytes: Buffer): Frame {
  const text = bytes.toString('utf8', 0, header.headLength);
  let head: unknown;
  try {
    head = JSON.parse(text);
  } catch (cause) {
    throw protocolError('it sent a head that is not JSON', cause);
  }
  return { type: header.type, id: header.id, head, body: bytes.subarray(header.headLength) };
}

function isFrameType(type: number): type is FrameType {
  return type >= frameTypes.event && type <= frameTypes.failure;
}

function protocolError(what: string, cause?: unknown): BallastError {
  return new BallastError('GUEST_PROTOCOL', `The guest broke the protocol: ${what}.`, { cause });
}
