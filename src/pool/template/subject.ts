/** What a template is of: a runtime that waits, or a function that has initialised. */
import type { FunctionRecord } from '../../model/function.js';
import { digestOf } from './key.js';

export type Subject =
  | { readonly kind: 'runtime'; readonly runtime: string }
  | { readonly kind: 'function'; readonly fn: FunctionRecord };

/** For people, and to tell subjects apart: `nodejs20.x`, or `hello:3`. */
export function subjectName(subject: Subject): string {
  if (subject.kind === 'runtime') return subject.runtime;
  return `${subject.fn.functionName}:${subject.fn.version}`;
}

export function runtimeOf(subject: Subject): string {
  return subject.kind === 'runtime' ? subject.runtime : subject.fn.runtime;
}

/** @param ground As `groundKey` gives it. */
export function subjectKey(ground: string, subject: Subject): string {
  if (subject.kind === 'runtime') return digestOf({ ground, runtime: subject.runtime });
  // A revision is of one version, and never changes.
  const { functionName, version, revisionId, code } = subject.fn;
  return digestOf({ ground, functionName, version, revisionId, code: code.sha256 });
}
