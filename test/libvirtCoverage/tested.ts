/**
 * Checks that the tests of the binding have called every function that the addon calls, by the word
 * of libvirt itself: its log of their run, in which each function of its interface tells its name.
 *
 * usage: tested.js LOG
 */
import { readFileSync } from 'node:fs';
import { untested } from './coverage.js';
import { survey } from './survey.js';

const [log = ''] = process.argv.slice(2);
const missing = untested(survey(), readFileSync(log, 'latin1'));
for (const name of missing) {
  process.stdout.write(`the addon calls ${name}, but no test of test/lib/ has it called\n`);
}
if (missing.length === 0) {
  process.stdout.write('libvirt saw a call of every function that the addon calls\n');
}
process.exitCode = missing.length === 0 ? 0 : 1;
