import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes a directory and those above it; true when it was not there. Node's own recursive `mkdir`
 * never returns where a file system such as /proc answers that a child of what exists does not
 * exist.
 */
export async function makeDirectory(path: string): Promise<boolean> {
  try {
    await mkdir(path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (code !== 'ENOENT' || dirname(path) === path) throw error;
    if (!(await makeDirectory(dirname(path)))) throw error;
    await mkdir(path);
    return true;
  }
}
