/** Zips: written so that the same files give the same bytes, and read for the names in them. */
import type { Readable } from 'node:stream';
import { fromBufferPromise } from 'yauzl';
import { ZipFile } from 'yazl';
import { CliError, messageOf } from './failure.js';
import type { TreeEntry } from './tree.js';

/** DOS time has no zone: this is the same wall clock, hence the same bytes, everywhere. */
const stamp = { mtime: new Date(1980, 0, 1), forceDosTimestamp: true };

/** What may start a function: the files beside each other at the top of a package. */
export type TopFiles = ReadonlyMap<string, { readonly executable: boolean }>;

/** @throws CliError where the zip would be larger than `maxBytes` */
export async function zipEntries(entries: readonly TreeEntry[], maxBytes: number): Promise<Buffer> {
  const zip = new ZipFile();
  const output = zip.outputStream as Readable;
  zip.on('error', (error: Error) => output.destroy(error));
  for (const entry of entries) add(zip, entry);
  zip.end();
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of output) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

export function tooLarge(maxBytes: number): CliError {
  return new CliError(
    `The zipped package is larger than ${maxBytes / (1024 * 1024)} MiB: ` +
      'leave out what the function does not need.',
  );
}

/** @throws CliError where it is not a zip */
export async function readTopFiles(zip: Buffer): Promise<TopFiles> {
  try {
    const files = new Map<string, { executable: boolean }>();
    const reader = await fromBufferPromise(zip, { lazyEntries: true, autoClose: false });
    for await (const { fileName, externalFileAttributes } of reader.eachEntry()) {
      const executable = ((externalFileAttributes >>> 16) & 0o111) !== 0;
      if (!fileName.includes('/')) files.set(fileName, { executable });
    }
    return files;
  } catch (error) {
    throw new CliError(`The package is not a zip that can be read: ${messageOf(error)}.`);
  }
}

function add(zip: ZipFile, entry: TreeEntry): void {
  if (entry.kind === 'file') {
    const mode = entry.executable ? 0o100755 : 0o100644;
    zip.addFile(entry.path, entry.name, { ...stamp, mode });
  } else if (entry.kind === 'link') {
    zip.addBuffer(Buffer.from(entry.target), entry.name, { ...stamp, mode: 0o120777 });
  } else {
    zip.addEmptyDirectory(entry.name, { ...stamp, mode: 0o40755 });
  }
}
