/**
 * The scratch disks of instances, which their guests mount on /tmp. Each is provisioned at the
 * largest storage that there is, and sparse, so that it costs its use; the agent holds back what a
 * function is not to have. All begin as copies of one blank disk: they are identical, and a copy of
 * its few blocks is made much faster than a file system.
 */
import { execFile } from 'node:child_process';
import { open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { BallastError } from '../model/errors.js';
import { limits } from '../model/limits.js';

const run = promisify(execFile);
const toolTimeoutMs = 60_000;
const bytesPerMib = 1024 * 1024;
/** `stat` counts in these. */
const blockBytes = 512;

/**
 * What ext4 takes for itself of the largest disk: 41 MiB of tables, and 16 MiB which it keeps for
 * its own emergencies.
 */
const tablesMib = 64;
const provisionedMib = limits.maxEphemeralMib + tablesMib;

/** One inode for so many bytes: 163,840 of them, whose tables take 40 MiB. */
const bytesPerInode = 65_536;

const scratchName = 'scratch.img';

export function scratchPathIn(instanceDir: string): string {
  return join(instanceDir, scratchName);
}

/** Makes the disk that all others are copies of, anew. @throws BallastError STATE_DIRECTORY */
export async function makeBlankScratch(path: string): Promise<void> {
  try {
    await rm(path, { force: true });
    const file = await open(path, 'wx', 0o600);
    await file.truncate(provisionedMib * bytesPerMib).finally(() => file.close());
    // A disk that lives as long as its VM needs no journal, nor blocks kept for root, nor room to
    // grow.
    const features = ['-m', '0', '-O', '^has_journal,^resize_inode', '-i', String(bytesPerInode)];
    await tool('mke2fs', ['-q', '-F', '-t', 'ext4', ...features, '-E', 'lazy_itable_init=1', path]);
  } catch (cause) {
    throw unmade('STATE_DIRECTORY', path, 'is its file system full, or e2fsprogs missing?', cause);
  }
}

/** Makes the disk of one instance. @throws BallastError INSTANCE_START_FAILED */
export async function createScratchDisk(blankPath: string, path: string): Promise<void> {
  try {
    // It is made by this process, so that one that is there is left alone.
    await (await open(path, 'wx', 0o600)).close();
    await tool('cp', ['--sparse=always', '--reflink=auto', blankPath, path]);
  } catch (cause) {
    throw unmade('INSTANCE_START_FAILED', path, 'is its file system full?', cause);
  }
}

/** Puts a directory's disk into an archive beside it that has only its data, and removes it. */
export async function packScratch(dir: string, archive: string): Promise<void> {
  const files = ['--remove-files', scratchName];
  await tool('tar', ['--create', '--sparse', `--file=${join(dir, archive)}`, '-C', dir, ...files]);
}

/** Takes it out of its archive, in the place of one that is there. */
export async function unpackScratch(dir: string, archive: string): Promise<void> {
  await tool('tar', ['--extract', '--no-same-owner', `--file=${join(dir, archive)}`, '-C', dir]);
}

/** What a disk takes of the host's, or null where there is none. */
export async function diskMib(path: string): Promise<number | null> {
  const found = await stat(path).catch(() => null);
  return found === null ? null : Math.ceil((found.blocks * blockBytes) / bytesPerMib);
}

async function tool(name: string, args: readonly string[]): Promise<void> {
  const env = { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin` };
  await run(name, args, { timeout: toolTimeoutMs, env });
}

function unmade(
  code: 'STATE_DIRECTORY' | 'INSTANCE_START_FAILED',
  path: string,
  question: string,
  cause: unknown,
): BallastError {
  return new BallastError(code, `The scratch disk ${path} could not be made: ${question}`, {
    cause,
  });
}
