/** What a boot of real VMs needs besides a hypervisor, in a directory of its own. */
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Connection } from '../../lib/index.js';
import { blockMib, floorFor } from '../../src/memory/geometry.js';
import type { FunctionRecord } from '../../src/model/function.js';
import type { BootRules } from '../../src/pool/boot.js';
import { makeBlankScratch } from '../../src/pool/scratch.js';
import { functionRecord } from './functionRecord.js';
import { testDirectoryPrefix } from './testDirectory.js';

const maxMib = 256;

interface Test {
  teardown(handler: () => Promise<void>): unknown;
}

export interface BootPlace {
  /** The directory, which QEMU's user can pass. */
  readonly dir: string;
  /** Rules whose image is no image: all files of it are there, and hold nothing. */
  readonly rules: BootRules;
  readonly fn: FunctionRecord;
  /** Puts a file there that QEMU's user can read. */
  put(name: string, bytes: Uint8Array): Promise<string>;
}

export async function openBootPlace(t: Test, connection: Connection): Promise<BootPlace> {
  const dir = await mkdtemp(testDirectoryPrefix);
  t.teardown(() => rm(dir, { recursive: true, force: true }));
  await chmod(dir, 0o711);
  const put = async (name: string, bytes: Uint8Array) => {
    const path = join(dir, name);
    await writeFile(path, bytes, { mode: 0o644 });
    return path;
  };
  const instancesDir = join(dir, 'instances');
  await mkdir(instancesDir, { mode: 0o711 });
  const blankScratchPath = join(dir, 'blank-scratch.img');
  await makeBlankScratch(blankScratchPath);
  const disk = await put('disk', new Uint8Array(4096));
  const rules: BootRules = {
    connection,
    ownerId: 'a-test',
    accelerator: 'tcg',
    emulatorPath: null,
    image: {
      digest: '0',
      kernel: 'none',
      runtimes: [],
      kernelPath: disk,
      initramfsPath: disk,
      rootPath: disk,
    },
    geometry: { floorMib: floorFor(maxMib), blockMib, maxMib },
    mechanism: 'virtio-mem',
    vcpus: 1,
    instancesDir,
    blankScratchPath,
    bootTimeoutMs: 120_000,
  };
  const code = { sha256: '0'.repeat(64), zipBytes: 1, imagePath: disk };
  return { dir, rules, fn: functionRecord('hello', { code }), put };
}
