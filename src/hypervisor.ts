/** Opens libvirt, after what would make it fail or hang was found and named. */
import { type Connection, connect, LibvirtError } from '../lib/index.js';
import { BallastError } from './model/errors.js';
import { checkQemuUser, embedRootOf, prepareEmbedRoot } from './pool/embedRoot.js';

export interface Hypervisor {
  readonly connection: Connection;
  readonly libvirt: { readonly uri: string; readonly version: string };
  readonly qemu: { readonly version: string };
}

/** @throws BallastError STATE_DIRECTORY, HOST_UNUSABLE */
export async function openHypervisor(uri: string, stateDir: string): Promise<Hypervisor> {
  const root = embedRootOf(uri);
  if (root !== null) await prepareEmbedRoot(root);
  await checkQemuUser(stateDir);
  try {
    const connection = await connect(uri);
    const version = await connection.version();
    return {
      connection,
      libvirt: { uri, version: version.libvirt },
      qemu: { version: version.hypervisor },
    };
  } catch (cause) {
    if (!(cause instanceof LibvirtError)) throw cause;
    throw new BallastError(
      'HOST_UNUSABLE',
      `BALLAST_LIBVIRT_URI=${uri} cannot be opened: ${cause.message}. ` +
        'Unset it for the embedded driver, or see that the daemon it names runs.',
      { cause },
    );
  }
}
