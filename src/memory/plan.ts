/** Which steps lead from one size to another. Pure: `resize` carries them out. */
import { BallastError } from '../model/errors.js';
import { blockMib, coveredBy, type Geometry, pluggedFor } from './geometry.js';

/** How an instance stands. */
export interface Size {
  /** What virtio-mem has plugged. */
  readonly pluggedMib: number;
  /** The cgroup's `memory.max`; 0 before a function was started. */
  readonly limitMib: number;
}

/**
 * `claim`: the agent frees memory and lowers the limits. `unplug`: the host takes it.
 * `plug`: the host gives memory. `release`: the agent raises the limits to it.
 */
export type Step =
  | { readonly kind: 'claim'; readonly limitMib: number }
  | { readonly kind: 'unplug'; readonly pluggedMib: number }
  | { readonly kind: 'plug'; readonly pluggedMib: number }
  | { readonly kind: 'release'; readonly limitMib: number };

/** A guest that is given much at once is away for long, and may run out of memory to plug it. */
const maxPlugMib = 2048;

/**
 * Plans a resize. The order keeps the guest whole at each step: it frees before the host takes, and
 * the host gives before the function may use.
 * @param askedMib What virtio-mem was last asked for; null where that is not known. A guest that
 * could not plug or unplug all of it goes on trying, so a size that it only passes is asked for.
 * @throws BallastError SIZE_BEYOND_HOST when the floor cannot cover the page structures of the size
 */
export function planResize(
  geometry: Geometry,
  from: Size,
  askedMib: number | null,
  requestedMib: number,
): readonly Step[] {
  checkSize(geometry, requestedMib);
  const pluggedMib = pluggedFor(requestedMib);
  const steps: Step[] = [];
  if (requestedMib < from.limitMib) steps.push({ kind: 'claim', limitMib: requestedMib });
  if (pluggedMib < from.pluggedMib) {
    steps.push({ kind: 'unplug', pluggedMib });
  } else {
    steps.push(...plugSteps(from.pluggedMib, askedMib, pluggedMib));
  }
  if (requestedMib > from.limitMib) steps.push({ kind: 'release', limitMib: requestedMib });
  return steps;
}

/** A large grow goes in steps, each of which the guest has to settle before the next. */
function plugSteps(fromMib: number, askedMib: number | null, targetMib: number): Step[] {
  if (targetMib === fromMib && targetMib === askedMib) return [];
  const steps: Step[] = [];
  for (let at = fromMib + maxPlugMib; at < targetMib; at += maxPlugMib) {
    steps.push({ kind: 'plug', pluggedMib: Math.floor(at / blockMib) * blockMib });
  }
  return [...steps, { kind: 'plug', pluggedMib: targetMib }];
}

/** @throws BallastError SIZE_BEYOND_HOST */
export function checkSize(geometry: Geometry, requestedMib: number): void {
  const largestMib = Math.min(geometry.maxMib, coveredBy(geometry.floorMib));
  if (pluggedFor(requestedMib) <= largestMib) return;
  throw new BallastError(
    'SIZE_BEYOND_HOST',
    `${requestedMib} MiB is more than an instance can have on this host: ` +
      `at most ${largestMib} MiB. ` +
      'Ask for less, or raise BALLAST_MEMORY_MIB or BALLAST_MAX_MEMORY_MIB and restart ' +
      'the service.',
    { details: { requestedMib, largestMib } },
  );
}
