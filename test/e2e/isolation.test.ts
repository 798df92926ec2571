/** What a function left in memory: gone with what the host takes, and in no other function's VM. */
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { Ground, invoke } from '../../bench/ground.js';
import type { Instance } from '../../src/pool/instance.js';

t.setTimeout(10 * 60_000);

const secret = 'a4f1c09e';
const word = Buffer.from(`ballast-secret-${secret}`);
const smallMib = 128;
const largeMib = 512;
const filledMib = 400;
const mib = 1024 * 1024;

const ground = await Ground.open();
t.teardown(() => ground.close());
const { floorMib } = ground.charges.geometry;
const handler = 'pattern.handler';
const fn = await ground.deploy('test/e2e/functions/pattern.py', 'python', handler);

/** So many MiB of pages with the word are in a part of the guest's physical memory. */
async function foundMib(instance: Instance, start: number, bytes: number): Promise<number> {
  const path = join(ground.openDir, `dump-${instance.instanceId}`);
  const file = await open(path, 'wx+', 0o666);
  try {
    await file.chmod(0o666);
    await instance.domain.qmp('pmemsave', { val: start, size: bytes, filename: path });
    const chunk = Buffer.alloc(mib);
    let pages = 0;
    for (let at = 0; at < bytes; at += chunk.length) {
      const { bytesRead } = await file.read(chunk, 0, chunk.length, at);
      for (let page = 0; page < bytesRead; page += 4096) {
        if (chunk.subarray(page, Math.min(page + 4096, bytesRead)).includes(word)) pages += 1;
      }
    }
    return (pages * 4096) / mib;
  } finally {
    await file.close();
    await rm(path);
  }
}

/** Where the elastic memory lies, as QEMU has it. */
async function elasticStart({ domain }: Instance): Promise<number> {
  const devices = await domain.qmp<{ data: { memaddr: number } }[]>('query-memory-devices', {});
  return devices[0]?.data.memaddr ?? Number.NaN;
}

t.test('what is claimed is gone, and comes back empty', async (t) => {
  const instance = await ground.boot(fn, largeMib);
  const start = await elasticStart(instance);
  const everywhere = async () => {
    // To read what the guest gave up fills it again, with zeros: more than the VM may take by now.
    await instance.domain.tuning.setMemory({ hardLimitKib: 4 * largeMib * 1024 }).catch(() => {});
    const inFloor = await foundMib(instance, 0, floorMib * mib);
    return inFloor + (await foundMib(instance, start, largeMib * mib));
  };
  await invoke(instance, { mib: filledMib, secret });
  const before = await everywhere();
  t.ok(before >= filledMib, `${before} MiB hold it after the invocation`);
  await instance.resize(smallMib);
  const claimed = await everywhere();
  t.ok(claimed <= smallMib + floorMib, `${claimed} MiB hold it after the claim`);
  await instance.resize(largeMib);
  const released = await everywhere();
  t.ok(released <= claimed, `${released} MiB hold it when as much was released`);

  const other = await ground.boot({ ...fn, functionName: 'other' }, largeMib);
  await invoke(other, { mib: 300, secret: 'none' });
  const theirs = await foundMib(other, await elasticStart(other), largeMib * mib);
  t.equal(theirs + (await foundMib(other, 0, floorMib * mib)), 0, 'nor has another VM any of it');
});
