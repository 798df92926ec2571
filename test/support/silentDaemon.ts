import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { testDirectoryPrefix } from './testDirectory.js';

/**
 * A libvirt daemon that takes connections and never says a word: a `connect` to it has begun when
 * the daemon sees it, and lasts until the daemon goes away.
 */
export class SilentDaemon {
  readonly uri: string;
  readonly #directory: string;
  readonly #sockets: Socket[] = [];
  readonly #server = createServer((socket) => this.#sockets.push(socket.on('error', () => {})));

  static async start(): Promise<SilentDaemon> {
    const daemon = new SilentDaemon(await mkdtemp(testDirectoryPrefix));
    daemon.#server.listen(join(daemon.#directory, 'socket'));
    await once(daemon.#server, 'listening');
    return daemon;
  }

  private constructor(directory: string) {
    this.#directory = directory;
    const path = encodeURIComponent(join(directory, 'socket'));
    this.uri = `test+unix:///default?socket=${path}`;
  }

  /** Resolves when so many connections have come. */
  async connections(count: number): Promise<void> {
    while (this.#sockets.length < count) await once(this.#server, 'connection');
  }

  async close(): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(this.#server, 'close');
    await rm(this.#directory, { recursive: true });
  }
}
