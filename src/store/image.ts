import { execFile } from 'node:child_process';
import { stat, truncate } from 'node:fs/promises';
import { promisify } from 'node:util';
import { BallastError } from '../model/errors.js';
import { limits } from '../model/limits.js';
import { isOutOfSpace, unusableState } from './failure.js';

const run = promisify(execFile);

/** Packing 250 MiB takes seconds; this only bounds a disk that hangs. */
const timeoutMs = 120_000;
const maxOutputBytes = 256 * 1024;

/**
 * Not compressed: an image is read through the host's page cache by every instance, and a cold
 * start is waiting for it. Time, UUID and owners are fixed, so that equal packages make equal
 * images.
 */
const options = [
  '--quiet',
  '--all-root',
  '-x-1',
  '-T0',
  '-U',
  '00000000-0000-0000-0000-000000000000',
];

interface RunError extends Error {
  readonly code?: string | number;
  readonly killed?: boolean;
  readonly stderr?: string;
}

const imageError = (error: RunError, imagePath: string): BallastError => {
  const printed = (error.stderr ?? '').trim();
  if (error.code === 'ENOENT') {
    return new BallastError(
      'HOST_UNUSABLE',
      'The program mkfs.erofs is not there: install the package erofs-utils.',
      { cause: error },
    );
  }
  if (isOutOfSpace(printed)) {
    return unusableState(imagePath, 'the disk is full', error);
  }
  const why = error.killed ? `took longer than ${timeoutMs} ms` : printed.slice(-500);
  return new BallastError('INTERNAL', `mkfs.erofs could not make ${imagePath}: ${why}`, {
    cause: error,
  });
};

/**
 * Packs a directory into a read-only disk image (EROFS). Equal trees give equal bytes. A hole fills
 * it up to the size that all such disks have.
 */
export const packImage = async (directory: string, imagePath: string): Promise<void> => {
  try {
    await run('mkfs.erofs', [...options, imagePath, directory], {
      timeout: timeoutMs,
      maxBuffer: maxOutputBytes,
    });
    if ((await stat(imagePath)).size < limits.taskDiskBytes) {
      await truncate(imagePath, limits.taskDiskBytes);
    }
  } catch (error) {
    throw imageError(error as RunError, imagePath);
  }
};
