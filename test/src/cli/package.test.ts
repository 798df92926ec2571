import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { readPackage } from '../../../src/cli/package.js';
import { readTree } from '../../../src/cli/tree.js';
import { readTopFiles, zipEntries } from '../../../src/cli/zip.js';
import { unpack } from '../../../src/store/archive.js';

const mibBytes = 1024 * 1024;

/** The same files, made in the order that is given. */
function makeFiles(directory: string, names: readonly string[]): string {
  for (const name of names) {
    mkdirSync(join(directory, name, '..'), { recursive: true });
    writeFileSync(join(directory, name), `content of ${name}\n`.repeat(100));
    chmodSync(join(directory, name), name === 'bootstrap' ? 0o700 : 0o640);
  }
  mkdirSync(join(directory, 'empty'));
  symlinkSync('../b.txt', join(directory, 'lib/link'));
  return directory;
}

t.test('the same files make the same zip', async (t) => {
  const names = ['b.txt', 'a.txt', 'lib/c.txt', 'bootstrap'];
  const directory = t.testdir({ first: {}, second: {} });
  const first = makeFiles(join(directory, 'first'), names);
  const one = await readPackage(first);
  const second = makeFiles(join(directory, 'second'), [...names].reverse());
  utimesSync(join(second, 'a.txt'), 1, 1);
  const script =
    "import { readPackage } from './build/src/cli/package.js';" +
    'process.stdout.write((await readPackage(process.argv[1])).zip);';
  const elsewhere = execFileSync(process.execPath, ['--input-type=module', '-e', script, second], {
    env: { ...process.env, TZ: 'Pacific/Auckland' },
  });
  t.ok(one.zip.equals(elsewhere), 'whatever order, times and time zone');
  t.equal(one.name, 'first');
});

t.test('the service unpacks what was packed', async (t) => {
  const directory = makeFiles(t.testdir(), ['b.txt', 'lib/c.txt', 'bootstrap']);
  const { zip } = await readPackage(directory);
  const unpacked = join(directory, 'unpacked');
  await unpack(zip, unpacked);
  const entries = await readTree(unpacked);
  t.match(entries, [
    { kind: 'file', name: 'b.txt', executable: false },
    { kind: 'file', name: 'bootstrap', executable: true },
    { kind: 'directory', name: 'empty' },
    { kind: 'file', name: 'lib/c.txt' },
    { kind: 'link', name: 'lib/link', target: '../b.txt' },
  ]);
  t.equal(entries.length, 5);
  const top = await readTopFiles(zip);
  t.same([...top.keys()], ['b.txt', 'bootstrap']);
  t.equal(top.get('bootstrap')?.executable, true);
  t.equal(top.get('b.txt')?.executable, false);
});

t.test('links out of the directory are refused, however they leave', async (t) => {
  const links = {
    absolute: '/etc/hostname',
    above: '../secret',
    // It looks as if it stayed; the directory it goes through leads out.
    through: 'hop/secret',
  };
  for (const [name, target] of Object.entries(links)) {
    const outside = t.testdir({ secret: 'x', tree: { file: '' } });
    const tree = join(outside, 'tree');
    if (name === 'through') symlinkSync('..', join(tree, 'hop'));
    symlinkSync(target, join(tree, name));
    await t.rejects(
      readPackage(tree),
      { message: /is a symbolic link out of the directory/ },
      name,
    );
  }
});

t.test('what cannot be a package is refused', async (t) => {
  const directory = t.testdir({
    empty: { inner: {} },
    pipe: { file: '' },
    backslash: { 'a\\b': '' },
    'file.txt': '',
  });
  execFileSync('mkfifo', [join(directory, 'pipe', 'fifo')]);
  const fails = (name: string, message: RegExp) =>
    t.rejects(readPackage(join(directory, name)), { message }, name);
  await fails('empty', /holds no file/);
  await fails('pipe', /fifo is a device, a socket or a pipe/);
  await fails('backslash', /has a backslash in its name/);
  await fails('file.txt', /neither a directory nor a \.zip/);
  await fails('absent', /ENOENT/);
});

t.test('sizes are bounded', async (t) => {
  const directory = t.testdir({ tree: { file: '' }, 'big.zip': '' });
  truncateSync(join(directory, 'big.zip'), 50 * mibBytes + 1);
  await t.rejects(readPackage(join(directory, 'big.zip')), { message: /larger than 50 MiB/ });
  truncateSync(join(directory, 'tree', 'file'), 250 * mibBytes + 1);
  await t.rejects(readPackage(join(directory, 'tree')), { message: /larger than 250 MiB/ });
  truncateSync(join(directory, 'tree', 'file'), mibBytes);
  const entries = await readTree(join(directory, 'tree'));
  await t.rejects(zipEntries(entries, 500), { message: /leave out/ });
  t.ok((await zipEntries(entries, mibBytes)).length < mibBytes);
});

t.test('only a zip has files', async (t) => {
  await t.rejects(readTopFiles(Buffer.from('no zip')), { message: /not a zip that can be read/ });
});
