/** What functions do wrong, one deed an invocation. */
import { spawn } from 'node:child_process';

const megabyte = 1_000_000;

const deeds = {
  answer: () => ({ pid: process.pid }),
  throw: () => {
    throw new TypeError('no such luck');
  },
  throwLater: () =>
    new Promise(() => {
      setTimeout(() => {
        throw new RangeError('much later');
      });
    }),
  exit: () => process.exit(3),
  wait: ({ ms }) => new Promise((resolve) => setTimeout(() => resolve({ waitedMs: ms }), ms)),
  spin: () => {
    for (;;);
  },
  print: () => {
    for (let count = 0; count < 100; count += 1) process.stdout.write(`${'x'.repeat(megabyte)}\n`);
    return 'printed';
  },
  answerLarge: () => 'x'.repeat(7 * megabyte),
  fork: () => {
    spawn('/bin/sh', ['-c', 'f() { f | f & }; f'], { stdio: 'ignore' });
    return new Promise(() => setInterval(() => {}, 1000));
  },
};

export const handler = async (event) => deeds[event.deed](event);
