/** The directory that holds everything the service keeps, used by one service at a time. */
import { randomUUID } from 'node:crypto';
import {
  access,
  chmod,
  constants,
  mkdir,
  readFile,
  realpath,
  stat,
  writeFile,
} from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { BallastError } from './model/errors.js';

export interface StateDirectory {
  readonly path: string;
  /** Names this service in the metadata of its VMs; stays the same for the life of the directory. */
  readonly ownerId: string;
  readonly imagesDir: string;
  readonly instancesDir: string;
  /** Lets another service use the directory. */
  release(): void;
}

/** @throws BallastError STATE_DIRECTORY when it cannot be written, or another service uses it */
export async function openStateDirectory(wanted: string): Promise<StateDirectory> {
  const path = await makeWritable(wanted);
  const lock = await takeLock(path);
  return {
    path,
    ownerId: await readOwnerId(join(path, 'owner-id')),
    imagesDir: join(path, 'images'),
    instancesDir: join(path, 'instances'),
    release: () => lock.close(),
  };
}

async function makeWritable(wanted: string): Promise<string> {
  try {
    await mkdir(wanted, { recursive: true });
    const path = await realpath(wanted);
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
    // QEMU's user passes through to what is its own; the rest has narrower modes of its own.
    await chmod(path, 0o711);
    return path;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new BallastError(
      'STATE_DIRECTORY',
      `The state directory ${wanted} cannot be used: ${why}. ` +
        'Give BALLAST_STATE_DIR a directory that this user may write.',
      { cause },
    );
  }
}

/**
 * Holds an abstract unix socket named by the directory's device and inode. The kernel frees it with
 * the process however that ends, so that no stale lock is ever left.
 */
async function takeLock(path: string): Promise<Server> {
  const { dev, ino } = await stat(path);
  const server = createServer((socket) => socket.destroy());
  server.unref();
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const message =
        cause.code === 'EADDRINUSE'
          ? `The state directory ${path} is used by another running service. ` +
            'Stop that one, or choose another BALLAST_STATE_DIR.'
          : `The state directory ${path} cannot be locked: ${cause.message}.`;
      reject(new BallastError('STATE_DIRECTORY', message, { cause }));
    });
    server.listen(`\0ballast-state-${dev}-${ino}`, () => resolve(server));
  });
}

async function readOwnerId(path: string): Promise<string> {
  const known = await readFile(path, 'utf8').catch(() => '');
  if (/^[0-9a-f-]{36}\n$/.test(known)) return known.trim();
  const ownerId = randomUUID();
  await writeFile(path, `${ownerId}\n`);
  return ownerId;
}
