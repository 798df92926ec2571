import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One text file of the project, as the rules see it. */
export interface TextFile {
  /** Relative to the root of the checkout, with `/`. */
  readonly path: string;
  readonly text: string;
}

export interface Violation {
  readonly path: string;
  /** From 1. */
  readonly line: number;
  readonly message: string;
}

const rootOfCheckout = (): string => {
  let directory = dirname(fileURLToPath(import.meta.url));
  while (!statSync(join(directory, 'package-lock.json'), { throwIfNoEntry: false })) {
    const parent = dirname(directory);
    if (parent === directory) throw new Error('no package-lock.json above the compiled tests');
    directory = parent;
  }
  return directory;
};

export const root = rootOfCheckout();

const skippedDirectories = new Set(['node_modules', 'build', '.git', '.tap', '.vagrant']);
const generatedFiles = new Set(['package-lock.json', 'LICENSE']);
const codeExtensions = new Set(['.ts', '.mjs', '.cjs', '.js', '.cc', '.cpp', '.h', '.sh', '.py']);
const codeNames = new Set(['Makefile', 'CMakeLists.txt', 'Vagrantfile', 'binding.gyp', 'run']);
const proseExtensions = new Set(['.md', '.json', '.yml', '.yaml', '.txt']);

export const isCode = (path: string): boolean =>
  codeExtensions.has(extname(path)) || codeNames.has(basename(path));

const isText = (path: string): boolean => isCode(path) || proseExtensions.has(extname(path));

/** Every text file of the project below `directory`; what is generated or installed is left out. */
export const projectFiles = (directory: string = root): TextFile[] =>
  readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return skippedDirectories.has(entry.name) ? [] : projectFiles(path);
    if (!entry.isFile() || generatedFiles.has(entry.name) || !isText(path)) return [];
    return [{ path: relative(root, path), text: readFileSync(path, 'utf8') }];
  });
