import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { testDirectoryPrefix } from './testDirectory.js';

interface Test {
  teardown(handler: () => Promise<void>): unknown;
}

/** A socket that passes everything on to another, until it cuts what runs through it. */
export class SocketProxy {
  readonly path: string;
  readonly #sockets = new Set<Socket>();
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
    this.#target = target;
  }

  #join(near: Socket): void {
    const far = createConnection(this.#target);
    for (const socket of [near, far]) {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
    }
    near.pipe(far).pipe(near);
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
  }
}
