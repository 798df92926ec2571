import { execFileSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { createScratchDisk, diskMib, makeBlankScratch } from '../../../src/pool/scratch.js';

const bytesPerMib = 1024 * 1024;
const sbin = { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin` };
const tool = (name: string, ...args: string[]): string =>
  execFileSync(name, args, { encoding: 'utf8', env: sbin, stdio: 'pipe' });

const dir = t.testdir({});
const blank = join(dir, 'blank.img');
await makeBlankScratch(blank);

t.test('the blank is a sound ext4 that has room for the largest storage', async (t) => {
  t.equal(statSync(blank).mode & 0o777, 0o600);
  const description = tool('dumpe2fs', '-h', blank);
  t.match(description, /Filesystem state:\s+clean/);
  t.match(description, /Reserved block count:\s+0\n/);
  t.match(description, /Filesystem features:.*\bextent\b/);
  t.notMatch(description, /has_journal/);
  const free = Number(/Free blocks:\s+(\d+)/.exec(description)?.[1]) * 4096;
  t.ok(free >= (10_240 + 16) * bytesPerMib, `${free} bytes are free`);
  t.doesNotThrow(() => tool('e2fsck', '-fn', blank));
});

t.test('a disk is a copy of it, and costs next to nothing', async (t) => {
  const path = join(t.testdir({}), 'scratch.img');
  await createScratchDisk(blank, path);
  const { size, mode } = statSync(path);
  t.equal(size, statSync(blank).size);
  t.equal(mode & 0o777, 0o600);
  t.ok(Number(await diskMib(path)) <= 1, `${await diskMib(path)} MiB are allocated`);
  t.equal(tool('dumpe2fs', '-h', path), tool('dumpe2fs', '-h', blank));
  t.equal(await diskMib(join(dir, 'nowhere')), null);
});

t.test('a blank of before is replaced', async (t) => {
  const path = join(t.testdir({}), 'blank.img');
  writeFileSync(path, 'old');
  await makeBlankScratch(path);
  t.equal(statSync(path).size, statSync(blank).size);
});

t.test('a disk that is there is left alone', async (t) => {
  const path = join(t.testdir({}), 'scratch.img');
  writeFileSync(path, 'mine');
  await t.rejects(createScratchDisk(blank, path), { code: 'INSTANCE_START_FAILED' });
  t.equal(readFileSync(path, 'utf8'), 'mine');
});

t.test('what cannot be made is an error that names the path', async (t) => {
  const missing = join(dir, 'nowhere', 'scratch.img');
  const message = new RegExp(missing);
  const code = 'INSTANCE_START_FAILED';
  await t.rejects(createScratchDisk(blank, missing), { code, message, cause: { code: 'ENOENT' } });
  await t.rejects(createScratchDisk(missing, join(dir, 'of-none.img')), {
    code,
    message: /of-none/,
  });
  await t.rejects(makeBlankScratch(missing), { code: 'STATE_DIRECTORY', message });
});
