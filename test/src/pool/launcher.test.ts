import { copyFile, readdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import t from 'tap';
import { installLauncher } from '../../../src/pool/launcher.js';

const built = resolve('build/launcher');
const names = ['ballast-qemu', 'ballast-ram'];

t.test('what was built is installed once, for everybody to execute', async (t) => {
  const dir = join(t.testdir(), 'launcher');
  const first = await installLauncher(built, dir);
  t.same(first, {
    launcher: { qemuPath: join(dir, 'ballast-qemu'), ramPath: join(dir, 'ballast-ram') },
    problem: null,
  });
  t.same((await readdir(dir)).sort(), names, 'and nothing beside it');
  t.equal((await stat(dir)).mode & 0o777, 0o755);
  const before = await Promise.all(names.map((name) => stat(join(dir, name))));
  for (const { mode } of before) t.equal(mode & 0o777, 0o755);
  t.same(await installLauncher(built, dir), first);
  const after = await Promise.all(names.map((name) => stat(join(dir, name))));
  t.same(
    after.map(({ ino, ctimeMs }) => [ino, ctimeMs]),
    before.map(({ ino, ctimeMs }) => [ino, ctimeMs]),
    'libvirt would ask one that changed anew what it can do',
  );
});

t.test('another one of before is replaced', async (t) => {
  const dir = t.testdir({ 'ballast-qemu': 'old', 'ballast-ram': 'old' });
  t.equal((await installLauncher(built, dir)).problem, null);
  for (const name of names) {
    t.equal((await stat(join(dir, name))).size, (await stat(join(built, name))).size);
  }
});

t.test('why it cannot be used is said, not thrown', async (t) => {
  const nowhere = join(t.testdir(), 'nowhere');
  const missing = await installLauncher(nowhere, join(t.testdir(), 'launcher'));
  t.match(missing, { launcher: null, problem: /launcher of QEMU cannot be used: .*nowhere/ });

  const broken = t.testdir({ dir: {} });
  await writeFile(join(broken, 'ballast-qemu'), '#!/bin/sh\necho no such machine >&2\nexit 1\n');
  await copyFile(join(built, 'ballast-ram'), join(broken, 'ballast-ram'));
  const refused = await installLauncher(broken, join(broken, 'dir', 'launcher'));
  t.match(refused, { launcher: null, problem: /no such machine/ });

  const place = t.testdir({ file: '' });
  await symlink(join(place, 'file'), join(place, 'launcher'));
  const occupied = await installLauncher(built, join(place, 'launcher'));
  t.match(occupied, { launcher: null, problem: /launcher/ });
});
