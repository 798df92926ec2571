/** Where the service listens. */
import { chmod, lstat, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import type { FastifyListenOptions } from 'fastify';
import { BallastError } from '../model/errors.js';
import type { Api } from './context.js';

export type ListenAddress =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

/** Only the service's own user and group may call it through a socket file. */
const socketMode = 0o660;

/**
 * Begins to listen and returns the address, for people.
 * @throws BallastError BAD_CONFIGURATION when the address is taken or cannot be had
 */
export async function listen(app: Api, address: ListenAddress): Promise<string> {
  const shown =
    address.kind === 'unix' ? `unix:${address.path}` : `${address.host}:${address.port}`;
  try {
    if (address.kind === 'tcp') return await listenQuietly(app, address);
    await removeStaleSocket(address.path);
    await listenQuietly(app, { path: address.path });
    await chmod(address.path, socketMode);
    return shown;
  } catch (cause) {
    throw new BallastError('BAD_CONFIGURATION', `BALLAST_LISTEN=${shown} ${faultOf(cause)}`, {
      cause,
    });
  }
}

/** The service logs where it listens, once; Fastify would add a line of its own per address. */
async function listenQuietly(app: Api, address: FastifyListenOptions): Promise<string> {
  const { level } = app.log;
  if (level === 'info') app.log.level = 'warn';
  try {
    return await app.listen(address);
  } finally {
    app.log.level = level;
  }
}

function faultOf(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException;
  return code === 'EADDRINUSE'
    ? 'is in use by another process. Stop that one, or choose another address.'
    : `cannot be listened on: ${message}. Choose another address.`;
}

/** A service that was killed leaves its socket file behind, at which nobody answers. */
async function removeStaleSocket(path: string): Promise<void> {
  const found = await lstat(path).catch(() => null);
  if (found?.isSocket() === true && (await isDeserted(path))) await unlink(path);
}

/** Only a refusal says that nobody listens: a service with a full backlog answers otherwise. */
function isDeserted(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(false);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'));
  });
}
