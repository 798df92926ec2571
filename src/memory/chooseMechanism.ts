/** Which mechanism the VMs of a host have. Pure. */
import { BallastError } from '../model/errors.js';
import type { Mechanism } from './elastic.js';

export type MechanismWish = Mechanism | 'auto';

export interface HypervisorVersions {
  /** As libvirt tells them: "9.0.0". */
  readonly libvirt: string;
  readonly qemu: string;
}

export interface MechanismChoice {
  readonly name: Mechanism;
  /** For people: `/v1/host` and the log show it. */
  readonly reason: string;
}

/** The first that know virtio-mem, by https://libvirt.org/news.html and QEMU's ChangeLog/5.1. */
const leastLibvirt = '7.9.0';
const leastQemu = '5.1.0';

/** @throws BallastError HOST_UNUSABLE when virtio-mem is asked for where there is none */
export function chooseMechanism(
  wish: MechanismWish,
  versions: HypervisorVersions,
): MechanismChoice {
  const hasVirtioMem =
    isAtLeast(versions.libvirt, leastLibvirt) && isAtLeast(versions.qemu, leastQemu);
  const need = `virtio-mem needs libvirt ${leastLibvirt} and QEMU ${leastQemu}`;
  const found = `here are libvirt ${versions.libvirt} and QEMU ${versions.qemu}`;
  if (wish === 'virtio-mem' && !hasVirtioMem) {
    throw new BallastError(
      'HOST_UNUSABLE',
      `BALLAST_MECHANISM=virtio-mem cannot be had: ${need}, ${found}. Set it to balloon.`,
    );
  }
  if (wish !== 'auto') return { name: wish, reason: `BALLAST_MECHANISM=${wish}` };
  return hasVirtioMem
    ? { name: 'virtio-mem', reason: 'libvirt and QEMU have it' }
    : { name: 'balloon', reason: `${need}; ${found}` };
}

function isAtLeast(version: string, least: string): boolean {
  const parts = version.split('.').map(Number);
  for (const [at, part] of least.split('.').map(Number).entries()) {
    const difference = (parts[at] ?? 0) - part;
    if (difference !== 0) return difference > 0;
  }
  return true;
}
