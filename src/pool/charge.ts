/** What an instance costs the budget: all the host memory that it may come to take. Pure. */

import { blockMib, floorFor, type Geometry, pluggedFor } from '../memory/geometry.js';
import type { ResidentMemory } from './resident.js';

export interface ChargeRules {
  readonly budgetMib: number;
  readonly geometry: Geometry;
  /** What QEMU takes besides the guest's memory. */
  readonly overheadMib: number;
  /** Whether a VM takes its largest size from the host at once, and gives back what it can. */
  readonly isProvisioned: boolean;
}

export function chargeFor(rules: ChargeRules, requestedMib: number): number {
  return rules.overheadMib + rules.geometry.floorMib + pluggedFor(requestedMib);
}

/** What a new instance may come to take until its first claim. */
export function bootChargeFor(rules: ChargeRules, requestedMib: number): number {
  return chargeFor(rules, rules.isProvisioned ? rules.geometry.maxMib : requestedMib);
}

/**
 * What an instance is charged after its size changed. Less is credited only as far as the host is
 * seen to have it: all that is not resident or, of one that is provisioned at once, what is merged.
 * Where that cannot be seen (null), QEMU's word counts for what it takes from a guest itself.
 */
export function creditedCharge(
  rules: ChargeRules,
  chargedMib: number,
  pluggedMib: number,
  memory: ResidentMemory | null,
): number {
  const sizedMib = chargeFor(rules, pluggedMib);
  if (sizedMib >= chargedMib) return sizedMib;
  return Math.max(sizedMib, Math.min(chargedMib, seenCharge(rules, sizedMib, memory)));
}

function seenCharge(rules: ChargeRules, sizedMib: number, memory: ResidentMemory | null): number {
  if (!rules.isProvisioned) return memory?.residentMib ?? sizedMib;
  return bootChargeFor(rules, rules.geometry.maxMib) - (memory?.mergedMib ?? 0);
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
