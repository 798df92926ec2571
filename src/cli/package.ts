/** The deployment package that a path stands for: a directory, which is zipped, or a zip. */
import { readFile, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { limits } from '../model/limits.js';
import { CliError, messageOf } from './failure.js';
import { readTree } from './tree.js';
import { tooLarge, zipEntries } from './zip.js';

export interface CodePackage {
  readonly zip: Buffer;
  /** The directory's name, or that of the zip without its ending. */
  readonly name: string;
}

/** @throws CliError that names the path */
export async function readPackage(path: string): Promise<CodePackage> {
  const absolute = resolve(path);
  try {
    const status = await stat(absolute);
    if (status.isDirectory()) {
      const zip = await zipEntries(await readTree(absolute), limits.maxZipBytes);
      return { zip, name: basename(absolute) };
    }
    if (status.isFile() && absolute.endsWith('.zip')) {
      if (status.size > limits.maxZipBytes) throw tooLarge(limits.maxZipBytes);
      return { zip: await readFile(absolute), name: basename(absolute, '.zip') };
    }
  } catch (error) {
    throw new CliError(`${path} cannot be deployed: ${messageOf(error)}`);
  }
  throw new CliError(`${path} cannot be deployed: it is neither a directory nor a .zip.`);
}
