/** Saves a stopped guest's state to a file, and loads it, over QEMU's monitor. */
import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Domain } from '../../../lib/index.js';
import type { StartMethod } from '../startMethod.js';

const pollMs = 1;
const fdName = 'ballast-state';
/** No bound at all: it is a file. QEMU's own would make a save of 100 MiB take a second. */
const maxBandwidth = 2 ** 40;

/** Writes the state of a guest that stands still. What is mapped from a file is left out. */
export async function saveState(
  domain: Domain,
  path: string,
  method: StartMethod,
  signal: AbortSignal,
): Promise<void> {
  await domain.qmp('stop', {}, { signal });
  await setCapability(domain, method, signal);
  await domain.qmp('migrate-set-parameters', { 'max-bandwidth': maxBandwidth }, { signal });
  await withFile(path, 'w', async (file) => {
    await domain.qmp('getfd', { fdname: fdName }, { files: [file.fd], signal });
    await domain.qmp('migrate', { uri: `fd:${fdName}` }, { signal });
  });
  for (;;) {
    const { status, 'error-desc': why } = await domain.qmp('query-migrate', {}, { signal });
    if (status === 'completed') return;
    if (status === 'failed') throw new Error(`QEMU could not save the state: ${why ?? status}`);
    await delay(pollMs, undefined, { signal });
  }
}

/** Loads a state into a QEMU that waits for one; the guest stands still afterwards. */
export async function loadState(
  domain: Domain,
  path: string,
  method: StartMethod,
  signal: AbortSignal,
): Promise<void> {
  await setCapability(domain, method, signal);
  await withFile(path, 'r', async (file) => {
    await domain.qmp('getfd', { fdname: fdName }, { files: [file.fd], signal });
    await domain.qmp('migrate-incoming', { uri: `fd:${fdName}` }, { signal });
  });
  for (;;) {
    const { status } = await domain.qmp('query-status', {}, { signal });
    if (status !== 'inmigrate') return;
    await delay(pollMs, undefined, { signal });
  }
}

async function setCapability(
  domain: Domain,
  method: StartMethod,
  signal: AbortSignal,
): Promise<void> {
  const capabilities = [{ capability: 'x-ignore-shared', state: method === 'clone' }];
  await domain.qmp('migrate-set-capabilities', { capabilities }, { signal });
}

/** QEMU has a descriptor of its own once it was told of it. */
async function withFile(
  path: string,
  flags: 'r' | 'w',
  use: (file: FileHandle) => Promise<void>,
): Promise<void> {
  const file = await open(path, flags, 0o600);
  try {
    await use(file);
  } finally {
    await file.close();
  }
}
