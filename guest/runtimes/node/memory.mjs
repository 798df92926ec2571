/**
 * Gives memory back between invocations. The host may shrink the machine then, and what V8 has not
 * collected would count as held.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const mib = 1024 * 1024;
/** Growth that is worth a collection; less than this stays for V8 to decide. */
const worthwhileBytes = 32 * mib;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

let settledBytes = process.memoryUsage.rss();

export function settleMemory() {
  if (process.memoryUsage.rss() - settledBytes < worthwhileBytes) return;
  collect();
  settledBytes = process.memoryUsage.rss();
}
