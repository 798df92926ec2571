/** Opens libvirt, after what would make it fail or hang was found and named. */
import { type Connection, connect, LibvirtError } from '../lib/index.js';
import { BallastError } from './model/errors.js';
import { checkQemuUser, embedRootOf, prepareEmbedRoot } from './pool/embedRoot.js';

export interface Hypervisor {
  readonly connection: Connection;
  readonly libvirt: { readonly uri: string; readonly version: string };
  readonly qemu: { readonly version: string };
  /** Opens the connection anew; null for the embedded driver, which cannot be lost. */
  readonly reopen: (() => Promise<Connection>) | null;
}

/** The embedded driver would warn on stderr, of each VM, that it was given arguments for QEMU. */
const libvirtLogFilters = '4:qemu';

/**
 * @param open Opens the connection.
 * @throws BallastError STATE_DIRECTORY, HOST_UNUSABLE
 */
export async function openHypervisor(
  uri: string,
  stateDir: string,
  open: (uri: string) => Promise<Connection> = connect,
): Promise<Hypervisor> {
  const root = embedRootOf(uri);
  if (root === null) {
    await checkQemuUser(stateDir);
  } else {
    await prepareEmbedRoot(root);
    await checkQemuUser(stateDir, root);
  }
  process.env.LIBVIRT_LOG_FILTERS ??= libvirtLogFilters;
  try {
    const reopen = root === null ? () => open(uri) : null;
    return { ...(await describe(uri, await open(uri))), reopen };
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

/** Asks a connection for its versions; one that does not answer is of no use, and closed. */
async function describe(uri: string, connection: Connection): Promise<Omit<Hypervisor, 'reopen'>> {
  try {
    const { libvirt, hypervisor } = await connection.version();
    return { connection, libvirt: { uri, version: libvirt }, qemu: { version: hypervisor } };
  } catch (error) {
    await connection.close();
    throw error;
  }
}
