import { BallastError } from '../model/errors.js';

/** System errors that mean "this place cannot be written", whatever was being done. */
const unwritable: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the file system is read-only',
  EACCES: 'permission is denied',
  EPERM: 'the operation is not permitted',
  ENOTDIR: 'a part of the path is not a directory',
  EEXIST: 'a file is in the way',
  ENOENT: 'it does not exist',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open',
  EIO: 'the disk failed',
};

/** What a system call says when the disk has no room left, as programs print it. */
const noSpaceText = /No space left on device|Disk quota exceeded/;

/**
 * The catalogue's error for a failed operation under the state directory; others pass unchanged.
 */
export const stateError = (error: unknown, path: string): unknown => {
  if (error instanceof BallastError) {
    return error;
  }
  const why = unwritable[(error as NodeJS.ErrnoException).code ?? ''];
  if (why === undefined) {
    return error;
  }
  return unusableState(path, why, error);
};

/** The same for a program that was run there: what it printed tells why it failed. */
export const isOutOfSpace = (printed: string): boolean => noSpaceText.test(printed);

export const unusableState = (path: string, why: string, cause?: unknown): BallastError =>
  new BallastError(
    'STATE_DIRECTORY',
    `Cannot use ${path}: ${why}. Give the service a directory that it can write and that has` +
      ' room, with BALLAST_STATE_DIR.',
    { cause },
  );

/**
 * Runs an operation on `path` and turns what the file system refuses into the catalogue's error.
 */
export const guarded = async <T>(path: string, operation: () => Promise<T>): Promise<T> => {
  try {
    return await operation();
  } catch (error) {
    throw stateError(error, path);
  }
};
