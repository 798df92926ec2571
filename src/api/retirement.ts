/** Ends the instances of what is not there any more. */
import type { ApiContext } from './context.js';

/** Retires the instances of a version that are not of what the store has of it now, if anything. */
export function retireOthers(
  { store, service }: Pick<ApiContext, 'store' | 'service'>,
  functionName: string,
  version: string,
): void {
  const present = store.find(functionName, version)?.revisionId ?? null;
  const isDeployed = store.find(functionName) !== null;
  service.retire(functionName, present, isDeployed ? version : undefined);
}
