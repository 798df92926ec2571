/** What an instance costs the budget: all the host memory that it may come to take. Pure. */
import { blockMib, floorFor, type Geometry, pluggedFor } from '../memory/geometry.js';

export interface ChargeRules {
  readonly budgetMib: number;
  readonly geometry: Geometry;
  /** What QEMU takes besides the guest's memory. */
  readonly overheadMib: number;
}

export function chargeFor(rules: ChargeRules, requestedMib: number): number {
  return rules.overheadMib + rules.geometry.floorMib + pluggedFor(requestedMib);
}

/**
 * The geometry of a host: the largest size is what Lambda allows, or less where the budget cannot
 * carry one such instance.
 */
export function geometryFor(budgetMib: number, overheadMib: number, wishMib: number): Geometry {
  let maxMib = Math.floor(wishMib / blockMib) * blockMib;
  while (maxMib > 0 && overheadMib + floorFor(maxMib) + maxMib > budgetMib) maxMib -= blockMib;
  return { floorMib: floorFor(maxMib), blockMib, maxMib };
}
