/** The built service as a child process with a state directory and a port of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { plainNode } from './plainNode.js';
import { layCapabilities, layImage } from './sharedGround.js';
import { testDirectoryPrefix } from './testDirectory.js';

const main = fileURLToPath(new URL('../../src/main.js', import.meta.url));

/** Enough for one instance of 2048 MiB, and little enough to run beside other tests. */
export const testBudgetMib = 4096;

export interface ServiceProcess {
  readonly endpoint: string;
  readonly child: ChildProcess;
  /** Everything that it has logged. */
  readonly log: () => string;
  /** Ends it by a signal; resolves with its exit code, or null where a signal ended it. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** A directory that `scripts/vms.sh` knows as that of a test. */
export async function makeStateDir(): Promise<string> {
  const path = await mkdtemp(testDirectoryPrefix);
  await chmod(path, 0o711);
  await layCapabilities(join(path, 'libvirt'));
  await layImage(path);
  return path;
}

export const removeStateDir = (path: string): Promise<void> =>
  rm(path, { recursive: true, force: true });

/** @throws Error with what the service said, when it ended before it listened */
export async function startService(
  stateDir: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<ServiceProcess> {
  const [program, ...args] = [...plainNode, '--enable-source-maps', main];
  const child = spawn(program, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      ...process.env,
      BALLAST_STATE_DIR: stateDir,
      BALLAST_LISTEN: '127.0.0.1:0',
      ...environment,
    },
  });
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const lines: string[] = [];
  const log = () => lines.join('\n');
  const endpoint = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      lines.push(line);
      const address = /"msg":"listening at ([^"]+)"/.exec(line)?.[1];
      if (address !== undefined) resolve(address);
    });
    // `close` comes after the last line was read.
    child.once('close', () => reject(new Error(log())));
  });
  return {
    endpoint,
    child,
    log,
    stop: async (signal = 'SIGTERM') => {
      child.kill(signal);
      return (await exited)[0];
    },
  };
}
