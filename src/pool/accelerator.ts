/** Chooses between KVM and software emulation: KVM only where it can really run a guest. */
import { constants } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { BallastError } from '../model/errors.js';

export type AcceleratorWish = 'auto' | 'kvm' | 'tcg';

export interface Accelerator {
  readonly kind: 'kvm' | 'tcg';
  readonly reason: string;
}

/** What decides. A `/dev/kvm` alone proves nothing: inside some VMs it opens and runs no guest. */
export interface AcceleratorFacts {
  readonly kvmOpens: boolean;
  readonly cpuHasVirtualization: boolean;
}

/** @throws BallastError HOST_UNUSABLE when KVM is demanded and cannot work */
export function chooseAccelerator(wish: AcceleratorWish, facts: AcceleratorFacts): Accelerator {
  if (wish === 'tcg') return { kind: 'tcg', reason: 'BALLAST_ACCEL=tcg asks for it' };
  const obstacle = obstacleOf(facts);
  if (obstacle === null) {
    return {
      kind: 'kvm',
      reason:
        wish === 'kvm'
          ? 'BALLAST_ACCEL=kvm asks for it'
          : '/dev/kvm opens and the processor has virtualization',
    };
  }
  if (wish === 'auto') return { kind: 'tcg', reason: obstacle };
  throw new BallastError(
    'HOST_UNUSABLE',
    `BALLAST_ACCEL=kvm cannot be met: ${obstacle}. ` +
      'Use auto or tcg, load the kvm module, or let this user into the group kvm.',
  );
}

export async function readAcceleratorFacts(): Promise<AcceleratorFacts> {
  const kvmOpens = await access('/dev/kvm', constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  );
  const cpuinfo = await readFile('/proc/cpuinfo', 'utf8');
  return { kvmOpens, cpuHasVirtualization: /^flags\s*:.*\b(vmx|svm)\b/m.test(cpuinfo) };
}

function obstacleOf(facts: AcceleratorFacts): string | null {
  if (!facts.kvmOpens) return '/dev/kvm does not open for reading and writing';
  if (!facts.cpuHasVirtualization) return 'the processor flags have neither vmx nor svm';
  return null;
}
