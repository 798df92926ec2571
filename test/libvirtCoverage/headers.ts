/** The public functions of libvirt, from the headers that are installed. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The headers that the binding is about, in the order of the page. */
const headers = [
  'libvirt-host',
  'libvirt-domain',
  'libvirt-domain-snapshot',
  'libvirt-domain-checkpoint',
  'libvirt-qemu',
  'libvirt-event',
  'libvirt-stream',
] as const;

/** The functions that one header declares. */
export interface Group {
  readonly header: string;
  readonly functions: readonly string[];
}

const pkgConfig = (option: string): string =>
  execFileSync('pkg-config', [option, 'libvirt'], { encoding: 'utf8' }).trim();

/** Comments and the lines of the preprocessor, which go on after a backslash. */
const noCode = /\/\*[\s\S]*?\*\/|^[ \t]*#(?:\\\n|[^\n])*/gm;

/** The functions that a header's text declares; types of callbacks are none. */
export function declaredFunctions(text: string): string[] {
  const declared = text.replace(noCode, '').matchAll(/\b(vir[A-Z]\w*)\s*\(/g);
  return [...new Set([...declared].map(([, name = '']) => name))].sort();
}

/** The version of the headers, such as `9.0.0`. */
export const headerVersion = (): string => pkgConfig('--modversion');

export function readHeaders(): Group[] {
  const directory = join(pkgConfig('--variable=includedir'), 'libvirt');
  return headers.map((header) => ({
    header: `${header}.h`,
    functions: declaredFunctions(readFileSync(join(directory, `${header}.h`), 'utf8')),
  }));
}
