/** However many clones write and are resized: the memory that they began with is what it was. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import t from 'tap';
import { ramHolders } from './hostProcesses.js';
import { openLive } from './live.js';

/** As many clones as can be had in so long, and no fewer than `SEAL_CLONES` says. */
const spanMs = 20_000;
const leastClones = Number(process.env.SEAL_CLONES ?? 1);
const cpuMillis = 2000;

const live = await openLive(t, { BALLAST_START: 'clone', BALLAST_MAX_MEMORY_MIB: '512' });
t.setTimeout(10 * 60_000 + leastClones * 10_000);
const Runtime = await live.runtime('python');
await live.deploy('fill', 'fill.py', { Runtime, Handler: 'fill.handler' });
const { body: made } = await live.call('PUT', `/v1/templates/${Runtime}`);

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/** Where the sealed copy is, as root sees it. */
async function sealedCopy(): Promise<string> {
  const [pid, ...others] = await ramHolders(live.stateDir);
  t.same(others, [], 'there is one copy');
  const dir = `/proc/${pid}/fd`;
  for (const name of await readdir(dir)) {
    const target = await readlink(join(dir, name)).catch(() => '');
    if (target.startsWith('/memfd:ballast-ram')) return join(dir, name);
  }
  throw new Error(`process ${pid} has no sealed copy`);
}

/** One clone that writes at each size. Nobody waits for its end. */
async function churn(): Promise<{ readonly ended: Promise<unknown> }> {
  let instanceId = '';
  for (const [requestedMib, mib] of [
    [256, 64],
    [128, 32],
    [192, 96],
  ] as const) {
    const wish = { requestedMib, cpuMillis };
    const { receipt, functionError } = await live.invoke('fill', { mib }, wish);
    if (functionError !== null) throw new Error(`at ${requestedMib} MiB: ${functionError}`);
    t.equal(receipt.start, instanceId === '' ? 'clone' : 'warm');
    instanceId = receipt.instanceId;
  }
  return { ended: live.call('DELETE', `/v1/instances/${instanceId}`) };
}

t.test('the sealed copy is the template’s file, before and after', async (t) => {
  const dir = join(live.stateDir, 'templates', 'made', made.key);
  const { files } = JSON.parse(await readFile(join(dir, 'template.json'), 'utf8'));
  const expected = files['boot.ram'].sha256;
  const copy = await sealedCopy();
  t.equal(await sha256(copy), expected, 'before');
  const endMs = performance.now() + spanMs;
  const endings: Promise<unknown>[] = [];
  while (performance.now() < endMs || endings.length < leastClones) {
    endings.push((await churn()).ended);
  }
  await Promise.all(endings);
  t.comment(`${endings.length} clones, each at three sizes`);
  t.equal(await sealedCopy(), copy, 'it is the same process’s');
  t.equal(await sha256(copy), expected, 'after');
  t.equal(await sha256(join(dir, 'boot.ram')), expected, 'nor was the file changed');
});
