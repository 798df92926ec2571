/** The guest's end of the channel, on a unix socket: it says what a test wants, right or wrong. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeFrame, type Frame, FrameDecoder, frameTypes } from '../../src/agent/codec.js';

const bytesPerMib = 1024 * 1024;

export const guestMemory = {
  totalBytes: 300 * bytesPerMib,
  freeBytes: 200 * bytesPerMib,
  availableBytes: 250 * bytesPerMib,
  limitBytes: 128 * bytesPerMib,
  currentBytes: 20 * bytesPerMib,
  peakBytes: 30 * bytesPerMib,
  oomKills: 0,
};

export const goodHello = {
  event: 'hello',
  protocol: 1,
  agent: '0.1.0',
  kernel: '6.1.0',
  runtimes: ['nodejs20.x'],
  uptimeMs: 1900,
  memory: guestMemory,
};

export const eventFrame = (head: unknown): Buffer =>
  encodeFrame({ type: frameTypes.event, id: 0, head });

export interface GuestRequest {
  readonly id: number;
  readonly head: Readonly<Record<string, unknown>>;
  readonly body: Uint8Array;
}

export class FakeGuest {
  readonly socketPath: string;
  /** What the host asked, in order. */
  readonly requests: GuestRequest[] = [];
  /** Called for each request. */
  onRequest: (request: GuestRequest) => void = () => {};
  readonly #directory: string;
  readonly #server: Server;
  readonly #sockets: Socket[] = [];

  private constructor(directory: string, greeting: Uint8Array | null) {
    this.#directory = directory;
    this.socketPath = join(directory, 'agent.sock');
    this.#server = createServer((socket) => {
      this.#sockets.push(socket);
      const decoder = new FrameDecoder();
      socket.on('data', (chunk: Buffer) => {
        for (const frame of decoder.push(chunk)) this.#take(frame);
      });
      // The host may hang up in the middle of anything.
      socket.on('error', () => {});
      if (greeting === null) socket.destroy();
      else socket.write(greeting);
    });
  }

  /** Listens, and greets whoever connects with these bytes; hangs up where there are none. */
  static async listen(greeting: Uint8Array | null = eventFrame(goodHello)): Promise<FakeGuest> {
    const directory = await mkdtemp(join(tmpdir(), 'ballast-guest-'));
    const guest = new FakeGuest(directory, greeting);
    guest.#server.listen(guest.socketPath);
    await once(guest.#server, 'listening');
    return guest;
  }

  /** Sends bytes as they are. */
  send(bytes: Uint8Array): void {
    for (const socket of this.#sockets) socket.write(bytes);
  }

  reply(request: GuestRequest, head: unknown, body?: Uint8Array): void {
    this.#answer(frameTypes.reply, request.id, head, body);
  }

  fail(request: GuestRequest, head: unknown): void {
    this.#answer(frameTypes.failure, request.id, head);
  }

  hangUp(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.hangUp();
    this.#server.close();
    await rm(this.#directory, { recursive: true, force: true });
  }

  #answer(type: 3 | 4, id: number, head: unknown, body?: Uint8Array): void {
    this.send(encodeFrame({ type, id, head, ...(body === undefined ? {} : { body }) }));
  }

  #take(frame: Frame): void {
    const { id, head, body } = frame;
    const request = { id, head: head as GuestRequest['head'], body };
    this.requests.push(request);
    this.onRequest(request);
  }
}
