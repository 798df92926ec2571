/** Guesses what runs a package, from the files at its top. Pure. */
import { usageError } from './failure.js';
import type { TopFiles } from './zip.js';

type Family = 'nodejs' | 'python' | 'provided';

const entryFiles: Readonly<Record<string, Family>> = {
  'index.mjs': 'nodejs',
  'index.js': 'nodejs',
  'index.cjs': 'nodejs',
  'index.py': 'python',
  'lambda_function.py': 'python',
  bootstrap: 'provided',
};

/**
 * The runtime out of `offered` that the files call for.
 * @throws CliError where they call for none, for several, or for one that is not offered
 */
export function guessRuntime(files: TopFiles, offered: readonly string[]): string {
  const found = Object.keys(entryFiles).filter((name) => files.has(name));
  const families = new Set(found.map((name) => entryFiles[name]));
  const [family] = families;
  if (family === undefined || families.size > 1) {
    throw usageError(
      family === undefined
        ? `The package has none of ${Object.keys(entryFiles).join(', ')}: give --runtime and ` +
            `--handler. Runtimes: ${offered.join(', ')}.`
        : `The package has ${found.join(' and ')}: say by --runtime which is meant.`,
    );
  }
  if (family === 'provided' && !files.get('bootstrap')?.executable) {
    throw usageError('The file bootstrap is not executable: chmod +x it.');
  }
  const runtime = newest(offered.filter((name) => familyOf(name) === family));
  if (runtime !== undefined) return runtime;
  throw usageError(`The service offers no ${family} runtime, only ${offered.join(', ')}.`);
}

/**
 * The handler by the convention of the runtime.
 * @throws CliError where there is no convention
 */
export function guessHandler(files: TopFiles, runtime: string): string {
  switch (familyOf(runtime)) {
    case 'nodejs':
      return 'index.handler';
    case 'python':
      return files.has('lambda_function.py') && !files.has('index.py')
        ? 'lambda_function.lambda_handler'
        : 'index.handler';
    case 'provided':
      return 'bootstrap';
    case undefined:
      throw usageError(`Which handler ${runtime} calls is not known: give --handler.`);
  }
}

function familyOf(runtime: string): Family | undefined {
  return (['nodejs', 'python', 'provided'] as const).find((family) => runtime.startsWith(family));
}

/** Numbers count as such: `python3.13` is newer than `python3.9`. */
function newest(runtimes: readonly string[]): string | undefined {
  const order = new Intl.Collator('en', { numeric: true });
  return [...runtimes].sort(order.compare).at(-1);
}
