import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { makeDirectory } from '../../../src/files/makeDirectory.js';

t.test('a directory is made with those above it, once', async (t) => {
  const path = join(t.testdir(), 'a', 'b', 'c');
  t.equal(await makeDirectory(path), true);
  t.ok(statSync(path).isDirectory());
  t.equal(await makeDirectory(path), false);
  mkdirSync(join(path, 'd'));
  t.equal(await makeDirectory(join(path, 'd', 'e')), true);
});

t.test('what cannot be made is an error, and never waited for', async (t) => {
  const dir = t.testdir();
  writeFileSync(join(dir, 'file'), '');
  await t.rejects(makeDirectory('/proc/ballast/state'), { code: 'ENOENT' });
  await t.rejects(makeDirectory(join(dir, 'file', 'state')), { code: 'ENOTDIR' });
});
