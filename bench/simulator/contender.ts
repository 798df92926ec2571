/** What is compared: a policy, and what size it gives an instance. */
import { type KeepAlive, keepAliveForms, keepAliveOf } from '../../src/scheduler/keepAlive.js';

export interface Contender {
  readonly name: string;
  readonly keepAlive: KeepAlive;
  /** `own`: that of each call. `full`: one that is enough for all calls of its function. */
  readonly sizing: 'own' | 'full';
}

export const defaultPolicies = ['hybrid', 'fixed:600', 'greedy-dual', 'none'] as const;

/**
 * `fixed` is the platform without elastic memory, such as OpenWhisk: an instance has one size and
 * keeps it until it goes. Under all others instances are resized to each call.
 * @throws RangeError
 */
export function contenderOf(name: string): Contender {
  const keepAlive = keepAliveOf(name);
  if (keepAlive === null) throw new RangeError(`Allowed: ${keepAliveForms}.`);
  return { name, keepAlive, sizing: keepAlive.kind === 'fixed' ? 'full' : 'own' };
}
