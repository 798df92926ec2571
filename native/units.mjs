/**
 * Writes the units that `binding.gyp` compiles, and prints their paths. Nearly all of a compiler's
 * time goes into headers that every source includes, so that a unit includes many sources.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';

/** Few, as each costs headers and templates once more; two, for a machine of two processors. */
const unitCount = 2;
const sourceDir = import.meta.dirname;
const unitDir = join(sourceDir, '../build/units');

/** The programs in `launcher/` are built by themselves. */
const sources = readdirSync(sourceDir, { recursive: true })
  .filter((path) => path.endsWith('.cc') && !path.startsWith(`launcher${sep}`))
  .sort();

mkdirSync(unitDir, { recursive: true });
for (let unit = 0; unit < unitCount; unit++) {
  const included = sources.filter((_, at) => at % unitCount === unit);
  const text = included.map((path) => `#include "${join(sourceDir, path)}"\n`).join('');
  writeIfChanged(join(unitDir, `${unit}.cc`), text);
  console.log(`build/units/${unit}.cc`);
}

/** The time of a file that stays as it is tells that nothing has to be compiled. */
function writeIfChanged(path, text) {
  try {
    if (readFileSync(path, 'utf8') === text) return;
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  writeFileSync(path, text);
}
