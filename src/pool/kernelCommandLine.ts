/** What the guest's kernel is told when it boots. */
import type { Accelerator } from './accelerator.js';

/**
 * `swiotlb=noforce` saves 64 MiB; `init_on_alloc=0` makes claims ten times faster (what the host
 * takes back it zeroes itself); plugged memory goes online as movable, so that it can be taken
 * again. An emulated timer is late where the host is busy: the kernel's check would find it broken
 * and stop the boot.
 */
const common: readonly string[] = [
  'console=ttyS0',
  'quiet',
  'panic=-1',
  'swiotlb=noforce',
  'init_on_alloc=0',
  'memhp_default_state=online_movable',
  'no_timer_check',
];

/**
 * QEMU before 8.0 knows code that it translated by its virtual address too: where each process has
 * its code at another, a clone's runtime gets nothing of what its shell has rehearsed. All clones
 * of a template have their runtime at the same addresses in any case.
 *
 * Nor does it bear that a kernel rewrites code which another processor runs: the agent starts the
 * others when that is done. The length of a delay, which the kernel would measure for a second, is
 * that of a processor of 4 GHz, and longer on a slower one.
 */
const emulated = [...common, 'norandmaps', 'maxcpus=1', 'lpj=16000000'];

/** The parameters, with a space between any two. */
export function kernelCommandLine(accelerator: Accelerator['kind']): string {
  return (accelerator === 'tcg' ? emulated : common).join(' ');
}
