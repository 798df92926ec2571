/** The connection to libvirt, which is opened anew when it was lost. VMs outlive it. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Connection } from '../../lib/index.js';

const retryMs = 500;

export interface LinkOptions {
  readonly connection: Connection;
  /** Opens another; null where the connection is no way to somewhere else, and cannot be lost. */
  readonly reopen: (() => Promise<Connection>) | null;
  /** Takes what is known of VMs over to a connection. */
  readonly onReopened: (connection: Connection) => Promise<void>;
  readonly logger: Logger;
}

export class Link {
  readonly #options: LinkOptions;
  readonly #closing = new AbortController();
  #connection: Connection;
  #isLost = false;
  #reopening: Promise<void> | null = null;

  private constructor(options: LinkOptions) {
    this.#options = options;
    this.#connection = options.connection;
  }

  static async open(options: LinkOptions): Promise<Link> {
    const link = new Link(options);
    await link.#watch();
    return link;
  }

  get connection(): Connection {
    return this.#connection;
  }

  /** Waits while the connection is being opened anew, at most `boundMs`. */
  async ready(boundMs: number): Promise<void> {
    if (this.#reopening === null) return;
    await Promise.race([this.#reopening, delay(boundMs, undefined, { ref: false })]);
  }

  /** Gives up opening it anew, and closes it unless it is the first, which its opener closes. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#reopening;
    if (this.#connection !== this.#options.connection) await this.#connection.close();
  }

  async #watch(): Promise<void> {
    const { reopen } = this.#options;
    if (reopen === null) return;
    await this.#connection.watchClose((reason) => {
      if (this.#closing.signal.aborted) return;
      this.#options.logger.error({ reason }, 'the connection to libvirt was lost');
      this.#isLost = true;
      this.#reopening ??= this.#reopen(reopen).finally(() => {
        this.#reopening = null;
      });
    });
  }

  /** Tries until it succeeds or the service ends: without libvirt there is nothing else to do. */
  async #reopen(open: () => Promise<Connection>): Promise<void> {
    const { logger, onReopened } = this.#options;
    while (this.#isLost && !this.#closing.signal.aborted) {
      try {
        this.#connection = await open();
        this.#isLost = false;
        await this.#watch();
        await onReopened(this.#connection);
        logger.info('the connection to libvirt is back');
      } catch (error) {
        this.#isLost = true;
        logger.warn({ err: error }, 'libvirt cannot be reached yet');
        await delay(retryMs);
      }
    }
  }
}
