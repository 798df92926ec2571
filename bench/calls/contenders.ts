/**
 * The programs that make the same calls on the same domains: a loop in C++, ballast, and
 * libvirt-python. The embedded driver lives in one process at a time, so they take turns.
 */
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { embedUriOf } from '../../src/pool/embedRoot.js';
import { testDirectoryPrefix } from '../../test/support/testDirectory.js';

const domainCount = 20;
const durationMs = 1000;
const timeoutMs = 120_000;
const loop = 'build/bench-calls/loop';
/** The one that Debian's packages are for; another may come first in the path. */
const python = '/usr/bin/python3';

export const callNames = ['info', 'memoryStats', 'queryStatus'] as const;

/** How long a call took, in microseconds. */
export type Times = Readonly<Record<(typeof callNames)[number], number>>;

/** What one turn of all contenders measured. */
export interface Turn {
  readonly loop: Times;
  readonly ballast: {
    /** By what the event loop does meanwhile. */
    readonly alone: Readonly<Record<'sleeping' | 'looking', Times>>;
    readonly together: Together;
    /** Of 100 at a time. */
    readonly longestDelayMs: number;
  };
  readonly python: {
    readonly alone: Times;
    readonly together: Together;
  };
}

/** By how many calls are made at a time: one or five of each domain. */
type Together = Readonly<Record<20 | 100, Times>>;

const script = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** What a program wrote. libvirt tells on stderr, of each domain, that it was sent a command. */
async function run(file: string, args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(file, args, { timeout: timeoutMs });
  return stdout;
}

/** Has each contender make its calls so many times; they take turns. */
export async function measureCalls(turns: number): Promise<readonly Turn[]> {
  const root = await mkdtemp(testDirectoryPrefix);
  await chmod(root, 0o711);
  const names = Array.from({ length: domainCount }, (_, index) => `bench-${index}`);
  const domains = script('domains.js');
  try {
    await run(process.execPath, [domains, 'make', root, ...names]);
    const measured: Turn[] = [];
    for (let turn = 0; turn < turns; turn += 1) measured.push(await takeTurn(root, names));
    return measured;
  } finally {
    await run(process.execPath, [domains, 'end', root]);
    await rm(root, { recursive: true, force: true });
  }
}

async function takeTurn(root: string, names: readonly string[]): Promise<Turn> {
  const uri = embedUriOf(root);
  const args = [uri, String(durationMs), ...names];
  return {
    loop: JSON.parse(await run(loop, args)),
    ballast: JSON.parse(await run(process.execPath, [script('promises.js'), ...args])),
    python: JSON.parse(await run(python, ['bench/calls/threads.py', ...args])),
  };
}
