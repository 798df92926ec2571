/** A function that does nothing: see the op `rehearse` of the guest protocol. */
import { createRequire } from 'node:module';

createRequire(import.meta.url)('./script.cjs');

export const handler = async (event) => ({ ...event });
