/**
 * Prepares the host for libvirt's embedded QEMU driver, and finds what would make it fail or hang.
 */
import { constants } from 'node:fs';
import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeDirectory } from '../files/makeDirectory.js';
import { BallastError } from '../model/errors.js';

/** The user that Debian's libvirt starts QEMU as when it runs as root itself. */
const qemuUser = 'libvirt-qemu';

/**
 * The longest path of a unix socket, less what libvirt appends to the root's for QEMU's monitor:
 * the domain's number and the first 20 characters of its name.
 */
const maxRootBytes = 107 - '/lib/qemu/domain-999999-ballast-i-0123456789/monitor.sock'.length;

/** The URI of the embedded driver in a directory. libvirt decodes it as any other URI. */
export function embedUriOf(root: string): string {
  return `qemu:///embed?root=${encodeURIComponent(root).replaceAll('%2F', '/')}`;
}

/**
 * The root directory of an embedded URI, or null for any other, such as that of a libvirt daemon.
 */
export function embedRootOf(uri: string): string | null {
  const match = /^qemu:\/\/\/embed\?(?:.*&)?root=([^&#]+)/.exec(uri);
  if (match?.[1] === undefined) return null;
  try {
    return decodeURIComponent(match[1]);
  } catch {
    return null;
  }
}

/**
 * Makes the root with the configuration that the driver reads at its start.
 * @throws BallastError STATE_DIRECTORY, when the path is too long or cannot be written
 */
export async function prepareEmbedRoot(root: string): Promise<void> {
  if (Buffer.byteLength(root) > maxRootBytes) {
    throw new BallastError(
      'STATE_DIRECTORY',
      `${root} is too long a path for the sockets in it: at most ${maxRootBytes} bytes. ` +
        'Choose a shorter BALLAST_STATE_DIR.',
    );
  }
  if (root.includes(',')) {
    throw new BallastError(
      'STATE_DIRECTORY',
      `${root} has a comma, which libvirt does not escape when it asks QEMU what it can do. ` +
        'Choose another BALLAST_STATE_DIR.',
    );
  }
  // Without a virtlogd to hand them to, QEMU's messages go to a file.
  const lines = ['stdio_handler = "file"', ...forgetOwners];
  // In a bare chroot the root is no mount point, and libvirt cannot give QEMU a /dev of its own.
  if (!(await rootIsMountPoint())) lines.push('namespaces = []');
  try {
    // QEMU's user has to pass. Who made a directory before has said already who may.
    if (await makeDirectory(root)) await chmod(root, 0o711);
    await makeDirectory(join(root, 'etc'));
    await writeFile(join(root, 'etc', 'qemu.conf'), `${lines.join('\n')}\n`);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new BallastError('STATE_DIRECTORY', `${root} cannot hold libvirt's files: ${why}.`, {
      cause,
    });
  }
}

/**
 * Files are handed to QEMU's user and removed with their VM, so that libvirt need not remember
 * whose they were; after a killed service it would complain of what it remembered.
 */
const forgetOwners = ['remember_owner = 0'];

async function rootIsMountPoint(): Promise<boolean> {
  const mounts = await readFile('/proc/self/mountinfo', 'utf8');
  return mounts.split('\n').some((line) => line.split(' ')[4] === '/');
}

/**
 * Checks what only matters to a service that runs as root, whose QEMU runs as another user: that
 * this user reaches the directories with its files, and that /dev/kvm does not send libvirt into
 * probing for ever.
 * @throws BallastError STATE_DIRECTORY, HOST_UNUSABLE
 */
export async function checkQemuUser(...directories: readonly string[]): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const user = await readQemuUser();
  if (user === null) return;
  for (const directory of directories) await checkPassable(directory, user);
  const kvm = await stat('/dev/kvm').catch(() => null);
  if (kvm !== null && !mayAccess(kvm, user, constants.R_OK | constants.W_OK)) {
    throw new BallastError(
      'HOST_UNUSABLE',
      `/dev/kvm opens for root but not for ${qemuUser}, which makes libvirt probe QEMU again at ` +
        'every start of a VM, for a minute. Cure it with ' +
        '`chgrp kvm /dev/kvm && chmod 660 /dev/kvm`.',
    );
  }
}

/** Whom QEMU runs as; null where that is the user of this process. */
export async function qemuIds(): Promise<{ uid: number; gid: number } | null> {
  if (process.getuid?.() !== 0) return null;
  const user = await readQemuUser();
  if (user === null) return null;
  // Debian builds libvirt to start QEMU with the group of the user's name, whatever its own is.
  const group = findLine(await readFile('/etc/group', 'utf8'), qemuUser);
  return { uid: user.uid, gid: group === null ? user.gid : Number(group[2]) };
}

async function checkPassable(directory: string, user: QemuUser): Promise<void> {
  for (let dir = directory; ; dir = dirname(dir)) {
    const found = await stat(dir);
    if (!mayAccess(found, user, constants.X_OK)) {
      throw new BallastError(
        'STATE_DIRECTORY',
        `QEMU runs as ${qemuUser} and cannot pass ${dir} on its way into ${directory}. ` +
          `Allow it with \`chmod o+x ${dir}\`, or choose another BALLAST_STATE_DIR.`,
      );
    }
    if (dirname(dir) === dir) return;
  }
}

interface QemuUser {
  readonly uid: number;
  readonly gid: number;
  readonly gids: ReadonlySet<number>;
}

/** Null where no such user exists: then libvirt was built to start QEMU otherwise. */
async function readQemuUser(): Promise<QemuUser | null> {
  const passwd = await readFile('/etc/passwd', 'utf8');
  const fields = findLine(passwd, qemuUser);
  if (fields === null) return null;
  const gid = Number(fields[3]);
  const gids = new Set([gid]);
  const groups = await readFile('/etc/group', 'utf8');
  for (const line of groups.split('\n')) {
    const [, , gid, members] = line.split(':');
    if (members?.split(',').includes(qemuUser) === true) gids.add(Number(gid));
  }
  return { uid: Number(fields[2]), gid, gids };
}

function findLine(file: string, name: string): string[] | null {
  const line = file.split('\n').find((one) => one.startsWith(`${name}:`));
  return line === undefined ? null : line.split(':');
}

/** What the kernel would say, access control lists aside. */
function mayAccess(
  file: { readonly uid: number; readonly gid: number; readonly mode: number },
  user: QemuUser,
  wanted: number,
): boolean {
  const shift = file.uid === user.uid ? 6 : user.gids.has(file.gid) ? 3 : 0;
  return ((file.mode >> shift) & wanted) === wanted;
}
