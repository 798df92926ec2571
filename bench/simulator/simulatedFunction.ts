/** A function of a trace, as the scheduler names it. */
import type { RevisionName } from '../../src/model/function.js';
import { versionKey } from '../../src/scheduler/versionKey.js';

export interface SimulatedFunction extends RevisionName {
  readonly key: string;
}

export function simulatedFunction(fn: number): SimulatedFunction {
  const name = { functionName: `f${fn}`, version: '1' };
  return { ...name, revisionId: '1', key: versionKey(name) };
}
