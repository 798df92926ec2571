import { Duplex } from 'node:stream';
import { onAbort } from './abort.js';
import { call } from './call.js';
import type { NativeStream } from './native-types.js';

/** `virStreamEventType` */
const readable = 1;
const writable = 2;

/** What is received or sent in one call. A remote connection takes messages of 256 KiB at most. */
const chunkBytes = 64 * 1024;

/** Which way bytes go; `both` unless it is said. */
export type Direction = 'both' | 'in' | 'out';

/** Wraps a native stream; the constructor is not public. */
export let wrapStream: (
  native: NativeStream,
  signal: AbortSignal | undefined,
  direction?: Direction,
) => LibvirtStream;

/**
 * A libvirt stream as a Node.js `Duplex`: a console, a channel, a screenshot, a volume. Ending the
 * writable side finishes the stream, and with it the readable one. Waiting for data does not keep
 * the process alive.
 */
export class LibvirtStream extends Duplex {
  readonly #native: NativeStream;
  #wake: (() => void)[] = [];
  #reading = false;
  #writing = false;
  #ended = false;

  static {
    wrapStream = (native, signal, direction = 'both') =>
      new LibvirtStream(native, signal, direction);
  }

  private constructor(native: NativeStream, signal: AbortSignal | undefined, direction: Direction) {
    // The types of Node.js lack the options that close one side from the beginning.
    const sides = { readable: direction !== 'out', writable: direction !== 'in' };
    super({ allowHalfOpen: false, ...sides });
    this.#native = native;
    native.listen(() => this.#wakeAll());
    if (signal !== undefined) this.#heed(signal);
  }

  #heed(signal: AbortSignal): void {
    const abort = () => this.destroy(toError(signal.reason));
    if (signal.aborted) abort();
    else this.once('close', onAbort(signal, abort));
  }

  #wakeAll(): void {
    const waiting = this.#wake;
    this.#wake = [];
    for (const wake of waiting) wake();
  }

  /** Resolves when the stream may be ready again; whoever waits tries, and may wait anew. */
  async #ready(): Promise<void> {
    const woken = new Promise<void>((resolve) => this.#wake.push(resolve));
    await call(undefined, (token) => this.#native.arm(this.#events(), token));
    await woken;
  }

  /** What is waited for: one registration at libvirt serves both sides. */
  #events(): number {
    return (this.#reading ? readable : 0) | (this.#writing ? writable : 0);
  }

  async #receive(): Promise<Buffer> {
    for (;;) {
      const data = await call(undefined, (token) => this.#native.receive(chunkBytes, token));
      if (data !== null) return data;
      await this.#ready();
    }
  }

  async #send(data: Buffer): Promise<void> {
    let rest = data;
    while (rest.length > 0) {
      const part = rest.subarray(0, chunkBytes);
      const sent = await call(undefined, (token) => this.#native.send(part, token));
      if (sent === null) await this.#ready();
      else rest = rest.subarray(sent);
    }
  }

  async #finish(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    await call(undefined, (token) => this.#native.finish(token));
    this.#wakeAll();
  }

  /** @internal */
  override _read(): void {
    if (this.#reading) return;
    this.#reading = true;
    this.#receive()
      .finally(() => {
        this.#reading = false;
      })
      .then(
        (data) => this.#arrived(data),
        (error: unknown) => this.#fail(error),
      );
  }

  #arrived(data: Buffer): void {
    if (data.length > 0) {
      this.push(data);
      return;
    }
    // Only the end tells whether the other side sent all that it had.
    this.#finish().then(
      () => this.push(null),
      (error: Error) => this.destroy(error),
    );
  }

  /** @internal */
  override _write(
    chunk: Buffer,
    _encoding: BufferEncoding,
    callback: (error?: Error | null) => void,
  ): void {
    this.#writing = true;
    this.#send(chunk)
      .finally(() => {
        this.#writing = false;
      })
      .then(() => callback(), callback);
  }

  /** @internal */
  override _final(callback: (error?: Error | null) => void): void {
    this.#finish().then(() => callback(), callback);
  }

  /** @internal */
  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#end()
      .finally(() => this.#wakeAll())
      .then(
        () => callback(error),
        (reason: Error) => callback(error ?? reason),
      );
  }

  async #end(): Promise<void> {
    // A stream that is dropped half-way is aborted, so that the other end knows. What cannot be
    // aborted has ended already, with its connection or its handle.
    if (!this.#ended) {
      this.#ended = true;
      await call(undefined, (token) => this.#native.abort(token)).catch(() => undefined);
    }
    await this.#native.close();
  }

  /** What comes after the end, such as a read that a finish overtook, is no error. */
  #fail(error: unknown): void {
    if (this.#ended || this.destroyed) this.push(null);
    else this.destroy(toError(error));
  }
}

const toError = (reason: unknown): Error =>
  reason instanceof Error ? reason : new Error(String(reason));
