import type { VersionName } from '../model/function.js';

/** The name of one version among all of all functions. No function's name has a colon. */
export function versionKey({ functionName, version }: VersionName): string {
  return `${functionName}:${version}`;
}

export function versionOf(key: string): VersionName {
  const colon = key.indexOf(':');
  return { functionName: key.slice(0, colon), version: key.slice(colon + 1) };
}
