/** The files of a directory that becomes a deployment package. */
import { lstat, readdir, readlink, realpath } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { limits } from '../model/limits.js';
import { CliError, oneLine } from './failure.js';

/** One entry of a package. Names are relative to the directory, with `/`. */
export type TreeEntry =
  | {
      readonly kind: 'file';
      readonly name: string;
      readonly path: string;
      readonly executable: boolean;
    }
  | { readonly kind: 'link'; readonly name: string; readonly target: string }
  /** One that holds nothing; others come with what they hold. */
  | { readonly kind: 'directory'; readonly name: string };

/** What a zip without the 64-bit extension can name. */
const maxEntries = 65_535;
const bytesPerMib = 1024 * 1024;

/**
 * Everything below `directory`, sorted by name: the same files give the same list anywhere.
 * @throws CliError where it holds too much, or what a package must not hold
 */
export async function readTree(directory: string): Promise<TreeEntry[]> {
  const root = await realpath(directory);
  const entries: TreeEntry[] = [];
  let totalBytes = 0;
  const waiting = [''];
  for (let parent = waiting.pop(); parent !== undefined; parent = waiting.pop()) {
    const names = await readdir(join(root, parent));
    if (names.length === 0 && parent !== '') entries.push({ kind: 'directory', name: parent });
    for (const child of names) {
      const name = parent === '' ? child : `${parent}/${child}`;
      const { entry, sizeBytes } = await readEntry(root, name);
      if (entry === null) waiting.push(name);
      else entries.push(entry);
      totalBytes += sizeBytes;
      checkBounds(entries.length + waiting.length, totalBytes);
    }
  }
  if (!entries.some(({ kind }) => kind === 'file')) {
    throw new CliError(`${directory} holds no file.`);
  }
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Null as the entry stands for a directory. */
async function readEntry(
  root: string,
  name: string,
): Promise<{ readonly entry: TreeEntry | null; readonly sizeBytes: number }> {
  const path = join(root, name);
  if (name.includes('\\')) throw refused(name, 'has a backslash in its name');
  const status = await lstat(path);
  if (status.isDirectory()) return { entry: null, sizeBytes: 0 };
  if (status.isSymbolicLink()) {
    const target = await readLink(root, name);
    return { entry: { kind: 'link', name, target }, sizeBytes: 0 };
  }
  if (!status.isFile()) throw refused(name, 'is a device, a socket or a pipe');
  const executable = (status.mode & 0o111) !== 0;
  return { entry: { kind: 'file', name, path, executable }, sizeBytes: status.size };
}

/** Both where the link points and where following it ends must be in the package. */
async function readLink(root: string, name: string): Promise<string> {
  const path = join(root, name);
  const target = await readlink(path);
  const pointed = resolve(dirname(path), target);
  // A link that leads nowhere yet does no harm.
  const reached = await realpath(path).catch(() => pointed);
  if (isAbsolute(target) || leaves(root, pointed) || leaves(root, reached)) {
    throw refused(name, `is a symbolic link out of the directory, to ${target}`);
  }
  return target;
}

function leaves(root: string, path: string): boolean {
  const way = relative(root, path);
  return way === '..' || way.startsWith('../');
}

function refused(name: string, why: string): CliError {
  return new CliError(
    `${oneLine(name)} ${oneLine(why)}: a package cannot hold it. Move it out of the directory.`,
  );
}

function checkBounds(entries: number, totalBytes: number): void {
  if (entries > maxEntries) {
    throw new CliError(`The directory holds more than ${maxEntries} files: leave some out.`);
  }
  if (totalBytes > limits.maxUnzippedBytes) {
    throw new CliError(
      `The files of the directory are larger than ${limits.maxUnzippedBytes / bytesPerMib} MiB ` +
        'together: leave out what the function does not need.',
    );
  }
}
