/** A function's code in the place of an empty disk, in a real QEMU. */
import { chmod, mkdtemp, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { limits } from '../../../src/model/limits.js';
import { taskDevice } from '../../../src/pool/domainXml.js';
import { insertTask, makeEmptyTask } from '../../../src/pool/taskDisk.js';
import { bareDomainXml, openEmbed } from '../../support/embed.js';
import { testDirectoryPrefix } from '../../support/testDirectory.js';

t.setTimeout(3 * 60_000);
const connection = await openEmbed(t);
const dir = await mkdtemp(testDirectoryPrefix);
t.teardown(() => rm(dir, { recursive: true, force: true }));
await chmod(dir, 0o711);
const empty = join(dir, 'empty.img');
await makeEmptyTask(empty);
const { signal } = new AbortController();

const disk = `
  <disk type='file' device='disk'>
    <driver name='qemu' type='raw'/><source file='${empty}'/><target dev='vdb' bus='virtio'/>
    <serial>ballast-task</serial><readonly/><shareable/><alias name='${taskDevice}'/>
  </disk>`;
const domain = await connection.createDomain(
  bareDomainXml('task').replace('<devices>', `<devices>${disk}`),
  { paused: true },
);

t.test('the empty disk has the size of all, costs nothing, and everybody reads it', async (t) => {
  const { size, blocks, mode } = await stat(empty);
  t.equal(size, limits.taskDiskBytes);
  t.equal(blocks, 0);
  t.equal(mode & 0o777, 0o644);
  await makeEmptyTask(empty);
  t.equal((await stat(empty)).size, limits.taskDiskBytes, 'one that is there is made again');
});

/** What QEMU has open of the directory, but the empty one. */
async function openFiles(): Promise<string[]> {
  const nodes = await domain.qmp<{ file: string }[]>('query-named-block-nodes', {});
  return nodes.map(({ file }) => file).filter((file) => file !== empty);
}

t.test('an image of another size is refused before QEMU hears of it', async (t) => {
  const path = join(dir, 'short.erofs');
  await writeFile(path, 'code');
  await t.rejects(insertTask(domain, path, signal), {
    message: `${path} has 4 bytes, not the ${limits.taskDiskBytes} of a disk`,
  });
  t.same(await openFiles(), []);
  await t.rejects(insertTask(domain, join(dir, 'nowhere'), signal), { code: 'ENOENT' });
});

t.test('what QEMU’s user may not read by itself becomes its disk', async (t) => {
  const path = join(dir, 'code.erofs');
  await writeFile(path, 'code of a function', { mode: 0o600 });
  await truncate(path, limits.taskDiskBytes);
  const before = (await readdir('/proc/self/fd')).length;
  await insertTask(domain, path, signal);
  t.equal((await readdir('/proc/self/fd')).length, before, 'no descriptor is left open');
  const drive = await domain.qmp('qom-get', {
    path: `/machine/peripheral/${taskDevice}/virtio-backend`,
    property: 'drive',
  });
  t.equal(drive, 'ballast-task');
  const nodes = await domain.qmp<{ 'node-name': string; ro: boolean }[]>(
    'query-named-block-nodes',
    {},
  );
  t.match(
    nodes.find((node) => node['node-name'] === 'ballast-task'),
    { ro: true },
    'and it only reads it',
  );
});
