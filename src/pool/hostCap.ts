/**
 * The host's own limit on what a VM may take: `memory.max` of the cgroup that libvirt made for it.
 * A guest that uses memory it gave up would come to it. It is set through libvirt, which never
 * means a cgroup that other processes are in. Where libvirt makes none, there is no such limit.
 */
import { type Domain, LibvirtError } from '../../lib/index.js';
import { type ChargeRules, chargeFor } from './charge.js';

const kibPerMib = 1024;
/** For the page cache of its disks, which the kernel takes back when it must. */
const cacheMib = 64;
/** What the host's kernel keeps of each page that a VM has, and some more. */
const kernelShare = 1 / 256;

/** What `/v1/host` tells of it. */
export interface HostCapView {
  readonly isSet: boolean;
  readonly reason: string;
}

export class HostCap {
  readonly #charges: ChargeRules;
  #view: HostCapView = { isSet: false, reason: 'no instance has been started yet' };
  #isRefused = false;

  constructor(charges: ChargeRules) {
    this.#charges = charges;
    // Where a VM has its largest size from the start, what it takes does not follow its size.
    if (charges.isProvisioned) this.#refuse('VMs are provisioned at their largest size here');
  }

  get view(): HostCapView {
    return this.#view;
  }

  /** Lets a VM take what one with so much plugged is charged. It never fails. */
  async set(domain: Domain, pluggedMib: number): Promise<void> {
    if (this.#isRefused) return;
    const chargedMib = chargeFor(this.#charges, pluggedMib);
    const capMib = Math.ceil(chargedMib * (1 + kernelShare)) + cacheMib;
    try {
      await domain.tuning.setMemory({ hardLimitKib: capMib * kibPerMib });
      this.#view = { isSet: true, reason: 'libvirt has a cgroup for each VM' };
    } catch (error) {
      if (hasEnded(error)) return;
      this.#refuse(error instanceof Error ? error.message : String(error));
    }
  }

  #refuse(reason: string): void {
    this.#isRefused = true;
    this.#view = { isSet: false, reason };
  }
}

/** A VM that has gone, or that nobody can ask of, says nothing of the host. */
function hasEnded(error: unknown): boolean {
  if (!(error instanceof LibvirtError)) return true;
  return error.code === 'NO_DOMAIN' || error.domain === 'RPC';
}
