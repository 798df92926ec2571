/** The functions of libvirt that the addon calls, from its sources. */
import { extname, join } from 'node:path';
import { projectFiles, root } from '../tidy/files.js';

export interface Called {
  /** Those that the addon is linked with: libvirt 9.0 has them. */
  readonly linked: ReadonlySet<string>;
  /** Those that are looked up when they are called, since libvirt 9.0 lacks them. */
  readonly newer: ReadonlySet<string>;
}

const comments = /\/\/.*|\/\*[\s\S]*?\*\//g;
const lookUps = /\bCheckedNewer<\w+>\(\s*"(vir\w+)"/g;
const strings = /"(?:\\.|[^"\\\n])*"/g;
/** A size for a function's answer is no call of it. */
const sizes = /\bkParamCapacity<\w+>/g;
const names = /\bvir[A-Z]\w*/g;

/** What the text of C++ sources calls. */
export function calledFunctions(text: string): Called {
  const code = text.replace(comments, '');
  const linked = code.replace(strings, '').replace(sizes, '').matchAll(names);
  return {
    linked: new Set([...linked].map(([name]) => name)),
    newer: new Set([...code.matchAll(lookUps)].map(([, name = '']) => name)),
  };
}

const isSource = (path: string): boolean => ['.cc', '.h'].includes(extname(path));

export function readAddon(): Called {
  // Each file by itself: what looks like the start of a comment in one has no end in another.
  const files = projectFiles(join(root, 'native')).filter(({ path }) => isSource(path));
  const called = files.map(({ text }) => calledFunctions(text));
  return {
    linked: new Set(called.flatMap(({ linked }) => [...linked])),
    newer: new Set(called.flatMap(({ newer }) => [...newer])),
  };
}
