/** Ends domains for good. */
import { setTimeout as delay } from 'node:timers/promises';
import { type Domain, LibvirtError } from '../../lib/index.js';

const attempts = 3;
const pauseMs = 500;

/**
 * Ends a domain, or finds that it has ended. Throws libvirt's error when it survives three tries.
 * @param current Tells the domain by the connection to libvirt that there is now; null where it is
 * known to have ended
 */
export async function destroyDomain(current: () => Domain | null): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      // Past a call that hangs, since QEMU's end is what ends it.
      await current()?.destroy({ overtake: true });
      break;
    } catch (error) {
      if (hasEnded(error)) break;
      if (attempt === attempts) throw error;
      await delay(pauseMs);
    }
  }
  await current()?.close();
}

function hasEnded(error: unknown): boolean {
  if (!(error instanceof LibvirtError)) return false;
  return error.code === 'NO_DOMAIN' || error.code === 'OPERATION_INVALID';
}
