/** What is of the past after an update or a removal. Pure. */
import type { FunctionRecord, VersionName } from '../model/function.js';

export interface Retirement {
  readonly functionName: string;
  /** Null for all versions of the function. */
  readonly version: string | null;
  /** The one revision that stays; null for none. */
  readonly keepRevisionId: string | null;
}

export function isRetired(fn: FunctionRecord, retirement: Retirement): boolean {
  return concerns(fn, retirement) && fn.revisionId !== retirement.keepRevisionId;
}

/** Whether it is about this version of a function, of whatever revision. */
export function concerns(
  { functionName, version }: VersionName,
  retirement: Omit<Retirement, 'keepRevisionId'>,
): boolean {
  if (functionName !== retirement.functionName) return false;
  return retirement.version === null || retirement.version === version;
}
