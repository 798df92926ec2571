import { createWriteStream } from 'node:fs';
import { chmod, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import { fromBufferPromise, type ZipFile } from 'yauzl';
import { BallastError } from '../model/errors.js';
import { limits } from '../model/limits.js';
import { type ArchiveEntry, checkTree, readEntry } from './archiveEntry.js';
import { ArchiveRefusal, checkLinks, quoted } from './archivePath.js';

/** Entries of one package: what a zip without the 64-bit extension can name. */
const maxEntries = 65_535;
const maxLinkBytes = 1024;

/** Counts what really comes out of the zip, over all entries: headers may say anything. */
class Budget {
  #leftBytes: number;

  constructor(totalBytes: number) {
    this.#leftBytes = totalBytes;
  }

  take(bytes: number): void {
    this.#leftBytes -= bytes;
    if (this.#leftBytes < 0) {
      throw tooLarge();
    }
  }
}

const tooLarge = (): BallastError =>
  new BallastError(
    'INVALID_ZIP',
    `Unzipped size must be smaller than ${limits.maxUnzippedBytes} bytes (250 MiB):` +
      ' leave out of the package what the function does not need.',
  );

const refused = (reason: string, cause?: unknown): BallastError =>
  new BallastError(
    'INVALID_ZIP',
    `Could not unzip the package: ${reason}. Make it again from the directory of the function.`,
    { cause },
  );

/** The catalogue's error for what went wrong with a package; system errors pass unchanged. */
const archiveError = (error: unknown): unknown => {
  if (error instanceof BallastError) {
    return error;
  }
  if (error instanceof ArchiveRefusal) {
    return refused(error.message);
  }
  const code = (error as NodeJS.ErrnoException).code ?? '';
  // Errors of system calls have a code like ENOSPC; those of zlib (Z_DATA_ERROR) and of yauzl do
  // not, and some of these are whole sentences.
  if (/^E[A-Z0-9]+$/.test(code)) return error;
  return refused((error as Error).message.replace(/\.$/, ''), error);
};

const readDirectory = async (zip: ZipFile): Promise<ArchiveEntry[]> => {
  if (zip.entryCount > maxEntries) {
    throw new ArchiveRefusal(`it has ${zip.entryCount} entries; ${maxEntries} are allowed`);
  }
  const entries: ArchiveEntry[] = [];
  for await (const entry of zip.eachEntry()) {
    entries.push(readEntry(entry));
  }
  if (!entries.some((entry) => entry.kind === 'file')) {
    throw new ArchiveRefusal('it holds no file');
  }
  const declaredBytes = entries.reduce((sum, entry) => sum + entry.zip.uncompressedSize, 0);
  if (declaredBytes > limits.maxUnzippedBytes) {
    throw tooLarge();
  }
  checkTree(entries);
  return entries;
};

/** Passes an entry's bytes on, and fails at the first one too many or a wrong checksum. */
const checkedBytes = (entry: ArchiveEntry, budget: Budget): Transform => {
  let sum = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      try {
        budget.take(chunk.length);
        sum = crc32(chunk, sum);
        done(null, chunk);
      } catch (error) {
        done(error as Error);
      }
    },
    flush(done) {
      const intact = sum === entry.zip.crc32;
      done(intact ? null : new ArchiveRefusal(`the entry ${quoted(entry.name)} is damaged`));
    },
  });
};

const readTarget = async (zip: ZipFile, entry: ArchiveEntry, budget: Budget): Promise<string> => {
  if (entry.zip.uncompressedSize > maxLinkBytes || entry.zip.uncompressedSize === 0) {
    throw new ArchiveRefusal(
      `the symbolic link ${quoted(entry.name)} has a target of ${entry.zip.uncompressedSize}` +
        ` bytes; 1 to ${maxLinkBytes} are allowed`,
    );
  }
  const source = await zip.openReadStreamPromise(entry.zip);
  const chunks: Buffer[] = [];
  await pipeline(source, checkedBytes(entry, budget), async (bytes: AsyncIterable<Buffer>) => {
    for await (const chunk of bytes) {
      chunks.push(chunk);
    }
  });
  const target = Buffer.concat(chunks).toString('utf8');
  if (target.includes('\0')) {
    throw new ArchiveRefusal(`the symbolic link ${quoted(entry.name)} has a NUL in its target`);
  }
  return target;
};

const readLinks = async (
  zip: ZipFile,
  entries: readonly ArchiveEntry[],
  budget: Budget,
): Promise<Map<string, string>> => {
  const links = new Map<string, string>();
  for (const entry of entries) {
    if (entry.kind === 'link') {
      links.set(entry.path.join('/'), await readTarget(zip, entry, budget));
    }
  }
  checkLinks(links);
  return links;
};

const writeFile = async (
  zip: ZipFile,
  entry: ArchiveEntry,
  path: string,
  budget: Budget,
): Promise<void> => {
  const source = await zip.openReadStreamPromise(entry.zip);
  await pipeline(source, checkedBytes(entry, budget), createWriteStream(path, { flags: 'wx' }));
  // Said again because the service's umask may have taken bits that the guest needs.
  await chmod(path, entry.executable ? 0o755 : 0o644);
};

/** Makes the directories of all entries, and opens each to the guest whatever the umask is. */
const makeDirectories = async (entries: readonly ArchiveEntry[], root: string): Promise<void> => {
  const wanted = new Set<string>(['']);
  for (const { path, kind } of entries) {
    const depth = kind === 'directory' ? path.length : path.length - 1;
    for (let end = depth; end > 0; end -= 1) {
      const directory = path.slice(0, end).join('/');
      if (wanted.has(directory)) {
        break;
      }
      wanted.add(directory);
    }
  }
  // Sorted, a directory comes after the one that holds it.
  for (const directory of [...wanted].sort()) {
    const path = join(root, directory);
    await mkdir(path, { recursive: true });
    await chmod(path, 0o755);
  }
};

/**
 * Unpacks a deployment package into a directory that is made for it. Files become 0644 or 0755,
 * directories 0755. Links are checked before anything is written and made when all else is there,
 * so that nothing can ever be written through one.
 * @throws BallastError INVALID_ZIP; system errors of writing as they are
 */
export const unpack = async (archive: Buffer, directory: string): Promise<void> => {
  if (archive.length === 0) {
    throw refused('it is empty (0 bytes)');
  }
  const budget = new Budget(limits.maxUnzippedBytes);
  try {
    // Names stay raw here: archiveEntry decodes and checks them, with messages of its own.
    const options = { lazyEntries: true, autoClose: false, decodeStrings: false };
    const zip = await fromBufferPromise(archive, options);
    const entries = await readDirectory(zip);
    const links = await readLinks(zip, entries, budget);
    await makeDirectories(entries, directory);
    for (const entry of entries) {
      if (entry.kind === 'file') {
        await writeFile(zip, entry, join(directory, ...entry.path), budget);
      }
    }
    for (const [path, target] of links) {
      await symlink(target, join(directory, path));
    }
  } catch (error) {
    throw archiveError(error);
  }
};
