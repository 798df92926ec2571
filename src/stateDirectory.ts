/** The directory that holds everything the service keeps, used by one service at a time. */
import { randomUUID } from 'node:crypto';
import {
  access,
  chmod,
  constants,
  readdir,
  readFile,
  realpath,
  rename,
  stat,
  writeFile,
} from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { makeDirectory } from './files/makeDirectory.js';
import { BallastError } from './model/errors.js';

export interface StateDirectory {
  readonly path: string;
  /**
   * Names this service in the metadata of its VMs; stays the same for the life of the directory.
   */
  readonly ownerId: string;
  readonly imagesDir: string;
  readonly instancesDir: string;
  readonly blankScratchPath: string;
  readonly templatesDir: string;
  readonly launcherDir: string;
  /** Lets another service use the directory. */
  release(): void;
}

/** @throws BallastError STATE_DIRECTORY when it cannot be written, or another service uses it */
export async function openStateDirectory(wanted: string): Promise<StateDirectory> {
  const path = await makeWritable(wanted);
  const lock = await takeLock(path);
  const release = () => void lock.close();
  try {
    const ownerId = await readOwnerId(path);
    const [imagesDir, instancesDir] = [join(path, 'images'), join(path, 'instances')];
    const blankScratchPath = join(path, 'blank-scratch.img');
    const [templatesDir, launcherDir] = [join(path, 'templates'), join(path, 'launcher')];
    const dirs = { imagesDir, instancesDir, templatesDir, launcherDir };
    return { path, ownerId, ...dirs, blankScratchPath, release };
  } catch (error) {
    release();
    throw error instanceof BallastError ? error : unusable(path, error);
  }
}

/** What is removed in them when it is of no use any more. */
const ownNames = ['images', 'instances', 'templates', 'launcher'];

async function makeWritable(wanted: string): Promise<string> {
  try {
    const isNew = await makeDirectory(wanted);
    const path = await realpath(wanted);
    if (!(await stat(path)).isDirectory()) throw new Error('it is no directory');
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
    // QEMU's user passes through to what is its own; the rest has narrower modes of its own. Who
    // made the directory has said already who may pass it.
    if (isNew) await chmod(path, 0o711);
    return path;
  } catch (cause) {
    throw unusable(wanted, cause);
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

/**
 * Reads the file that marks the directory as ballast's, or makes it. What lies in its
 * own directories is removed when it is of no use any more, so that those of somebody else are
 * refused.
 */
async function readOwnerId(path: string): Promise<string> {
  const file = join(path, 'owner-id');
  const known = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (known !== null) return checkOwnerId(file, known);
  const taken = (await readdir(path)).find((name) => ownNames.includes(name));
  if (taken !== undefined) {
    throw new BallastError(
      'STATE_DIRECTORY',
      `The state directory ${path} holds ${taken}, which no ballast made, and which it would ` +
        'overwrite. Give BALLAST_STATE_DIR a directory of its own.',
    );
  }
  const ownerId = randomUUID();
  // It is there whole or not at all: VMs that a killed service leaves are found by it.
  await writeFile(`${file}.new`, `${ownerId}\n`, { flush: true });
  await rename(`${file}.new`, file);
  return ownerId;
}

function checkOwnerId(file: string, text: string): string {
  const ownerId = text.trim();
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(ownerId)) return ownerId;
  throw new BallastError(
    'STATE_DIRECTORY',
    `${file} holds ${JSON.stringify(ownerId.slice(0, 40))}, not a UUID. It names the VMs of this ` +
      'service: put it back, or end its VMs and remove the file with the directories beside it.',
  );
}

function unusable(path: string, cause: unknown): BallastError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new BallastError(
    'STATE_DIRECTORY',
    `The state directory ${path} cannot be used: ${why}. ` +
      'Give BALLAST_STATE_DIR a directory that this user may write.',
    { cause },
  );
}
