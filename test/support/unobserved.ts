import type { Observer } from '../../src/model/observer.js';

/** Nobody is told. */
export const unobserved: Observer = { invoked: () => {}, resized: () => {} };
