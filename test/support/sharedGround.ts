/**
 * What all tests share of what takes long to make: `TEST_GROUND_DIR` is the state directory of a
 * service that made it, where there is one.
 */
import { randomUUID } from 'node:crypto';
import { cp, link, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const groundDir = process.env.TEST_GROUND_DIR ?? '';

/** Below a root of the embedded driver. */
const capabilitiesName = 'cache';

/** Each service unpacks its own; the files that it is unpacked from never change. */
const unpackedName = 'scratch.img';

/**
 * Tells libvirt what each QEMU of the host can do, which takes it seconds to find out. It sees
 * itself whether that is still true.
 * @param root Of an embedded driver that was not opened yet
 */
export async function layCapabilities(root: string): Promise<void> {
  if (groundDir === '') return;
  const known = join(groundDir, 'libvirt', capabilitiesName);
  await cp(known, join(root, capabilitiesName), { recursive: true });
}

/** Lays the guest image into a new state directory, as if an earlier service had left it there. */
export async function layImage(stateDir: string): Promise<void> {
  if (groundDir === '') return;
  await writeFile(join(stateDir, 'owner-id'), `${randomUUID()}\n`);
  await linkDirectories(join(groundDir, 'images'), join(stateDir, 'images'));
}

/**
 * The same for the templates of all runtimes. They are of use to a service that has as much memory,
 * and says nothing of sizes or mechanisms.
 * @returns False where nobody has made any
 */
export async function layTemplates(stateDir: string): Promise<boolean> {
  if (groundDir === '') return false;
  const made = join('templates', 'made');
  await linkDirectories(join(groundDir, made), join(stateDir, made));
  return true;
}

/** Nobody writes to the files. */
async function linkDirectories(from: string, to: string): Promise<void> {
  for (const directory of await readdir(from)) {
    await mkdir(join(to, directory), { recursive: true });
    for (const name of await readdir(join(from, directory))) {
      if (name === unpackedName) continue;
      await link(join(from, directory, name), join(to, directory, name));
    }
  }
}
