/**
 * The disk with a function's code. A machine that waits for its function has an empty one of the
 * size that all have, in whose place the function's comes: the guest, which has not read it yet,
 * sees no difference.
 */
import { open, stat } from 'node:fs/promises';
import type { Domain } from '../../lib/index.js';
import { limits } from '../model/limits.js';
import { taskDevice } from './domainXml.js';

const nodeName = 'ballast-task';
const fdSet = 1;

/** Makes the empty one. QEMU's user reads it. */
export async function makeEmptyTask(path: string): Promise<void> {
  const file = await open(path, 'w', 0o644);
  try {
    await file.chmod(0o644);
    await file.truncate(limits.taskDiskBytes);
  } finally {
    await file.close();
  }
}

/** Puts a function's code in the place of the empty disk. The guest stands still meanwhile. */
export async function insertTask(
  domain: Domain,
  imagePath: string,
  signal: AbortSignal,
): Promise<void> {
  const { size } = await stat(imagePath);
  if (size !== limits.taskDiskBytes) {
    throw new Error(`${imagePath} has ${size} bytes, not the ${limits.taskDiskBytes} of a disk`);
  }
  const file = await open(imagePath, 'r');
  try {
    await domain.qmp('add-fd', { 'fdset-id': fdSet }, { files: [file.fd], signal });
  } finally {
    await file.close();
  }
  const node = {
    driver: 'raw',
    'node-name': nodeName,
    'read-only': true,
    file: { driver: 'file', filename: `/dev/fdset/${fdSet}`, 'read-only': true },
  };
  await domain.qmp('blockdev-add', node, { signal });
  const drive = {
    path: `/machine/peripheral/${taskDevice}/virtio-backend`,
    property: 'drive',
    value: nodeName,
  };
  await domain.qmp('qom-set', drive, { signal });
}
