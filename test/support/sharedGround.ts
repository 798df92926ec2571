/**
 * What all tests share of what takes long to make: `TEST_GROUND_DIR` is the state directory of a
 * service that made it, where there is one.
 */
import { randomUUID } from 'node:crypto';
import { cp, link, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Each service unpacks its own; the files that it is unpacked from never change. */
const unpackedName = 'scratch.img';

const groundDir = process.env.TEST_GROUND_DIR ?? '';

/** Below a root of the embedded driver. */
const capabilitiesName = 'cache';

const madeIn = (stateDir: string) => join(stateDir, 'templates', 'made');

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

/**
 * Lays the templates of all runtimes into a state directory that no service has used, as if an
 * earlier one had left them. They are of use to a service that has as much memory, and says nothing
 * of sizes or mechanisms.
 * @returns False where nobody has made any
 */
export async function linkTemplates(stateDir: string): Promise<boolean> {
  if (groundDir === '') return false;
  await writeFile(join(stateDir, 'owner-id'), `${randomUUID()}\n`);
  for (const key of await readdir(madeIn(groundDir))) {
    const [from, to] = [join(madeIn(groundDir), key), join(madeIn(stateDir), key)];
    await mkdir(to, { recursive: true });
    for (const name of await readdir(from)) {
      if (name !== unpackedName) await link(join(from, name), join(to, name));
    }
  }
  return true;
}
