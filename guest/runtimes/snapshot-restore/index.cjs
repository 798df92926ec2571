/**
 * Hooks around the snapshot of a function's machine, for functions in JavaScript:
 * `import { registerAfterRestore } from 'snapshot-restore'`. They may return promises. Those of
 * before run in the reverse order of their registration, those of after in its order.
 */
'use strict';

const before = [];
const after = [];

function register(list, hook, args) {
  if (typeof hook !== 'function') {
    throw new TypeError(`A hook must be a function, this is ${typeof hook}`);
  }
  list.push({ hook, args });
  return hook;
}

exports.registerBeforeSnapshot = (hook, ...args) => register(before, hook, args);
exports.registerAfterRestore = (hook, ...args) => register(after, hook, args);
exports.beforeSnapshot = () => [...before];
exports.afterRestore = () => [...after];
