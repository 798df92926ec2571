/** Waits for a guest to have exactly so much plugged: it is of no use otherwise. */
import type { Elastic } from './elastic.js';

/** Tells the size reached. @throws Error where the guest has not got there within the bound */
export async function settleWholly(
  elastic: Elastic,
  targetMib: number,
  boundMs: number,
): Promise<number> {
  const { pluggedMib, settled } = await elastic.settle(targetMib, boundMs);
  if (settled) return pluggedMib;
  throw new Error(`The guest has ${pluggedMib} of ${targetMib} MiB plugged after ${boundMs} ms.`);
}

/** Asks for the size first. Tells the size reached. @throws Error likewise */
export async function plugWholly(
  elastic: Elastic,
  targetMib: number,
  boundMs: number,
): Promise<number> {
  await elastic.request(targetMib);
  return settleWholly(elastic, targetMib, boundMs);
}
