/**
 * The scratch disk of an instance, which its guest mounts on /tmp: sparse, so that it costs its
 * use.
 */
import { execFile } from 'node:child_process';
import { open } from 'node:fs/promises';
import { promisify } from 'node:util';
import { BallastError } from '../model/errors.js';

const run = promisify(execFile);
const mkfsTimeoutMs = 60_000;

/** Makes an empty ext4 of the size. @throws BallastError INSTANCE_START_FAILED */
export async function createScratchDisk(path: string, sizeMib: number): Promise<void> {
  try {
    const file = await open(path, 'wx', 0o600);
    await file.truncate(sizeMib * 1024 * 1024).finally(() => file.close());
    // A disk that lives as long as its VM needs neither a journal nor blocks kept for root.
    const options = ['-q', '-F', '-t', 'ext4', '-m', '0', '-O', '^has_journal'];
    await run('mke2fs', [...options, '-E', 'lazy_itable_init=1', path], {
      timeout: mkfsTimeoutMs,
      env: { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin` },
    });
  } catch (cause) {
    throw new BallastError(
      'INSTANCE_START_FAILED',
      `The scratch disk ${path} could not be made: is its file system full, or e2fsprogs missing?`,
      { cause },
    );
  }
}
