import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { testDirectoryPrefix } from './testDirectory.js';

interface Test {
  teardown(handler: () => Promise<void>): unknown;
}

/** A socket that passes everything on to a libvirt daemon's, until it cuts what runs through it. */
export class SocketProxy {
  readonly path: string;
  /** libvirt's test driver, beyond it. */
  readonly uri: string;
  readonly #sockets = new Set<Socket>();
  readonly #calls: RpcCalls[] = [];
  readonly #server = createServer((near) => this.#join(near));
  readonly #target: string;

  static async start(t: Test, target: string): Promise<SocketProxy> {
    const directory = await mkdtemp(testDirectoryPrefix);
    const proxy = new SocketProxy(join(directory, 'socket'), target);
    proxy.#server.listen(proxy.path);
    await once(proxy.#server, 'listening');
    t.teardown(async () => {
      proxy.cut();
      proxy.#server.close();
      await rm(directory, { recursive: true, force: true });
    });
    return proxy;
  }

  private constructor(path: string, target: string) {
    this.path = path;
    this.uri = `test+unix:///default?socket=${encodeURIComponent(path)}`;
    this.#target = target;
  }

  #join(near: Socket): void {
    const far = createConnection(this.#target);
    for (const socket of [near, far]) {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
    }
    near.pipe(far).pipe(near);
    const calls = new RpcCalls();
    near.on('data', (chunk: Buffer) => calls.take(chunk));
    this.#calls.push(calls);
  }

  /** How many calls of libvirt's protocol were passed on. */
  get calls(): number {
    return this.#calls.reduce((sum, { count }) => sum + count, 0);
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
  }
}

/**
 * Counts the calls in a stream of libvirt's messages. Each begins with its length, program,
 * version, procedure and type, of four bytes each (https://libvirt.org/kbase/internals/rpc.html).
 */
class RpcCalls {
  static readonly #headerBytes = 20;
  /** Those of domains, and QEMU's own. */
  static readonly #programs = [0x20008086, 0x20008087];
  static readonly #callType = 0;

  count = 0;
  #rest: Buffer = Buffer.alloc(0);

  take(chunk: Buffer): void {
    let bytes = Buffer.concat([this.#rest, chunk]);
    while (bytes.length >= RpcCalls.#headerBytes && bytes.length >= bytes.readUInt32BE(0)) {
      const isOurs = RpcCalls.#programs.includes(bytes.readUInt32BE(4));
      if (isOurs && bytes.readUInt32BE(16) === RpcCalls.#callType) this.count += 1;
      bytes = bytes.subarray(bytes.readUInt32BE(0));
    }
    this.#rest = bytes;
  }
}
