import { execFileSync } from 'node:child_process';
import { mkdir, readlink, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { packImage } from '../../../src/store/image.js';

const makeTree = async (root: string, names: readonly string[]): Promise<void> => {
  await mkdir(join(root, 'sub'), { recursive: true });
  for (const name of names) {
    await writeFile(join(root, 'sub', name), `content of ${name}`, { mode: 0o644 });
  }
  await writeFile(join(root, 'bootstrap'), '#!/bin/sh\n', { mode: 0o755 });
  await symlink('sub/one', join(root, 'alias'));
};

t.test(
  'equal trees give equal images, whenever and in whatever order they were made',
  async (t) => {
    const base = t.testdir();
    await makeTree(join(base, 'a'), ['one', 'two', 'three']);
    await makeTree(join(base, 'b'), ['three', 'one', 'two']);
    await utimes(join(base, 'b/sub/one'), 1, 1);
    await packImage(join(base, 'a'), join(base, 'a.erofs'));
    await packImage(join(base, 'b'), join(base, 'b.erofs'));
    // Nearly all of a gibibyte is a hole, which is not to be read into this process.
    t.doesNotThrow(() => execFileSync('cmp', ['a.erofs', 'b.erofs'], { cwd: base }));
  },
);

t.test('executable bits and links are kept', async (t) => {
  const base = t.testdir();
  await makeTree(join(base, 'tree'), ['one']);
  await packImage(join(base, 'tree'), join(base, 'image'));
  const out = join(base, 'out');
  execFileSync('fsck.erofs', [`--extract=${out}`, join(base, 'image')], { stdio: 'ignore' });
  t.equal((await stat(join(out, 'bootstrap'))).mode & 0o777, 0o755);
  t.equal((await stat(join(out, 'sub/one'))).mode & 0o777, 0o644);
  t.equal(await readlink(join(out, 'alias')), 'sub/one');
});

t.test('a tree that is not there is an error that says so', async (t) => {
  const base = t.testdir();
  await t.rejects(packImage(join(base, 'none'), join(base, 'image')), {
    code: 'INTERNAL',
    message: /mkfs\.erofs could not make/,
  });
});
