import { execFileSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { createScratchDisk } from '../../../src/pool/scratch.js';

const sbin = { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin` };
const superblock = (path: string): string =>
  execFileSync('dumpe2fs', ['-h', path], { encoding: 'utf8', env: sbin, stdio: 'pipe' });

t.test('a disk is a sound ext4 of the size, and costs next to nothing', async (t) => {
  const path = join(t.testdir({}), 'scratch.img');
  await createScratchDisk(path, 512);
  const { size, blocks, mode } = statSync(path);
  t.equal(size, 512 * 1024 * 1024);
  t.ok(blocks * 512 < 8 * 1024 * 1024, `${blocks} blocks are allocated`);
  t.equal(mode & 0o777, 0o600);
  const description = superblock(path);
  t.match(description, /Filesystem state:\s+clean/);
  t.match(description, /Reserved block count:\s+0\n/);
  t.match(description, /Filesystem features:.*\bextent\b/);
  t.notMatch(description, /has_journal/);
});

t.test('the largest size is no dearer', async (t) => {
  const path = join(t.testdir({}), 'scratch.img');
  await createScratchDisk(path, 10_240);
  t.ok(statSync(path).blocks * 512 < 32 * 1024 * 1024);
});

t.test('a file that is there is left alone', async (t) => {
  const path = join(t.testdir({}), 'scratch.img');
  writeFileSync(path, 'mine');
  await t.rejects(createScratchDisk(path, 512), { code: 'INSTANCE_START_FAILED' });
  t.equal(readFileSync(path, 'utf8'), 'mine');
});

t.test('what cannot be made is an error that names the path', async (t) => {
  const dir = t.testdir({});
  const missing = join(dir, 'nowhere', 'scratch.img');
  await t.rejects(createScratchDisk(missing, 512), {
    code: 'INSTANCE_START_FAILED',
    message: new RegExp(missing),
    cause: { code: 'ENOENT' },
  });
  await t.rejects(createScratchDisk(join(dir, 'huge.img'), 2 ** 43), {
    code: 'INSTANCE_START_FAILED',
  });
  await t.rejects(createScratchDisk(join(dir, 'empty.img'), 0), { code: 'INSTANCE_START_FAILED' });
});
