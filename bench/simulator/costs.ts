/** What things take in the simulation, out of measurements of real VMs. */

import { limits } from '../../src/model/limits.js';
import { policyFor } from '../../src/policy.js';
import type { ChargeRules } from '../../src/pool/charge.js';
import { geometryFor } from '../../src/pool/charge.js';

const policy = policyFor('kvm', 'virtio-mem');

export const costs = {
  /**
   * From a shell to a function that can be called: 28 ms to load and resume a clone, and the rest
   * for its memory, its code and its initialisation. The same for every policy.
   */
  startMs: 100,
  /** `grow-512` of `make bench`: so long for each 512 MiB that are plugged. */
  growMs: 12,
  growStepMib: 512,
  /** Of memory that the function has freed: `claim-2048` of `make bench` takes 133 ms. */
  shrinkMs: 34,
  shrinkStepMib: 512,
  /** To freeze a function and to take what it does not hold. */
  deflateMs: 30,
  /** Until a VM is gone and the host has its memory: what libvirt's destroy takes. */
  destroyMs: 1_500,
  /**
   * What a function holds between two calls, which deflating leaves. The trace does not tell, so
   * this is assumed; `--held-mib` assumes something else.
   */
  heldMib: 64,
  /** As the scheduler's own. */
  sweepMs: 5_000,
  /** A host with this much memory has tens of processors; two of them, say, start one instance. */
  maxBoots: 32,
} as const;

export const { keepAlive: rules, queue: queueBounds } = policy;

/** How the instances of a host are charged, under KVM. */
export function chargesOf(budgetMib: number, maxMib: number = limits.maxMemoryMib): ChargeRules {
  const { overheadMib } = policy;
  const geometry = geometryFor(budgetMib, overheadMib, maxMib);
  return { budgetMib, geometry, overheadMib, isProvisioned: false };
}
