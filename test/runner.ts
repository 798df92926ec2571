/**
 * Runs test files, some at a time. What they say is written as one TAP stream, and a line about
 * each to the error stream, with what the file itself wrote there.
 *
 * The runner that comes with tap has each file load hooks that note its sources, for coverage: that
 * triples the time of a start, which is most of what a file takes.
 *
 * usage: node runner.js FILE...
 */
import type { ChildProcess } from 'node:child_process';
import { relative } from 'node:path';
import { text } from 'node:stream/consumers';
import t from 'tap';
import { plainNode } from './support/plainNode.js';

/** One more than the processors of a small machine: tests of real VMs wait now and then. */
const jobs = 3;
/** Of a file that does not say: machines are busy, and a test that hangs is found all the same. */
const timeoutMs = 120_000;
const [program, ...nodeArgs] = [...plainNode, '--enable-source-maps'];

/** What each file writes to its error stream, by its name. */
const errors = new Map<string, Promise<string>>();

t.on('spawn', (spawned) => {
  spawned.on('process', ({ stderr }: ChildProcess) => {
    if (stderr !== null) errors.set(spawned.name, text(stderr));
  });
});

async function run(file: string): Promise<void> {
  const name = relative('.', file);
  const env = { ...process.env, TAP_TIMEOUT: String(timeoutMs / 1000) };
  const where = { at: null, stack: '' };
  const options = { buffered: true, timeout: timeoutMs, stdio: 'pipe' as const, env, ...where };
  const result = await t.spawn(program, [...nodeArgs, file], options, name);
  const verdict = result?.ok === true ? 'passed' : 'FAILED';
  const seconds = ((result?.time ?? 0) / 1000).toFixed(1);
  const written = (await errors.get(name)) ?? '';
  process.stderr.write(`${verdict}  ${name}  ${seconds} s\n${written}`);
}

t.jobs = jobs;
t.setTimeout(0);
for (const file of process.argv.slice(2)) void run(file);
