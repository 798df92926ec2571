/** What a sweep does with an idle instance. Pure. */
import type { Fate } from './keepAlive.js';

export type Upkeep = 'evict' | 'deflate' | 'keep';

/** To deflate for less would cost more than it gives. */
const worthMib = 16;

/** @param deflatableMib What deflating the instance would free */
export function upkeepOf(fate: Fate, deflatableMib: number): Upkeep {
  if (fate === 'evicted') return 'evict';
  return fate === 'deflated' && deflatableMib >= worthMib ? 'deflate' : 'keep';
}
