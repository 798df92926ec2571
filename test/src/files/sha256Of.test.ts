import { createHash } from 'node:crypto';
import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { sha256Of } from '../../../src/files/sha256Of.js';

const mib = 1024 * 1024;

t.test('it is that of the whole content, of whatever length', async (t) => {
  const path = join(t.testdir(), 'file');
  for (const bytes of [0, 1, mib - 1, mib, 3 * mib + 7]) {
    const content = Buffer.alloc(bytes, 'content of a file');
    await writeFile(path, content);
    t.equal(await sha256Of(path), createHash('sha256').update(content).digest('hex'), `${bytes}`);
  }
});

t.test('a hole is as many zeros', async (t) => {
  const path = join(t.testdir({ file: '' }), 'file');
  await truncate(path, 2 * mib + 1);
  const zeros = Buffer.alloc(2 * mib + 1);
  t.equal(await sha256Of(path), createHash('sha256').update(zeros).digest('hex'));
});

t.test('a file that is not there is an error', async (t) => {
  await t.rejects(sha256Of(join(t.testdir(), 'none')), { code: 'ENOENT' });
  await t.rejects(sha256Of(t.testdir()), { code: 'EISDIR' });
});
