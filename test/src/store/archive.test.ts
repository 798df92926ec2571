import { lstat, mkdir, readdir, readFile, readlink, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import t from 'tap';
import type { BallastError } from '../../../src/model/errors.js';
import { limits } from '../../../src/model/limits.js';
import { unpack } from '../../../src/store/archive.js';
import { link, rawZipOf, type TestEntry, zipOf } from './zips.js';

const invalid = (message: RegExp) => ({ name: 'BallastError', code: 'INVALID_ZIP', message });

t.test('files, directories, modes and inner links come out as they went in', async (t) => {
  const root = join(t.testdir(), 'task');
  const zip = await zipOf([
    { name: 'index.mjs', bytes: 'export const handler = 1;' },
    { name: 'bin/' },
    { name: 'bin/run', bytes: '#!/bin/sh', mode: 0o100700 },
    link('bin/alias', '../index.mjs'),
    link('lib', 'bin'),
  ]);
  await unpack(zip, root);
  t.equal(await readFile(join(root, 'index.mjs'), 'utf8'), 'export const handler = 1;');
  t.equal((await lstat(root)).mode & 0o7777, 0o755);
  t.equal((await lstat(join(root, 'index.mjs'))).mode & 0o7777, 0o644);
  t.equal((await lstat(join(root, 'bin/run'))).mode & 0o7777, 0o755);
  t.equal(await readlink(join(root, 'bin/alias')), '../index.mjs');
  t.equal(await readFile(join(root, 'lib/run'), 'utf8'), '#!/bin/sh');
});

t.test('modes do not depend on the umask of the service', async (t) => {
  const root = join(t.testdir(), 'task');
  const before = process.umask(0o077);
  t.teardown(() => process.umask(before));
  await unpack(await zipOf([{ name: 'a/b/run', bytes: 'x', mode: 0o104755 }]), root);
  for (const [path, mode] of [
    ['a/b/run', 0o755],
    ['a/b', 0o755],
    ['a', 0o755],
    ['', 0o755],
  ] as const) {
    t.equal((await lstat(join(root, path))).mode & 0o7777, mode, path);
  }
});

t.test('what is no package is refused', async (t) => {
  const good = await zipOf([{ name: 'index.mjs', bytes: 'a'.repeat(1000) }]);
  const cases: readonly [string, Buffer, RegExp][] = [
    ['no bytes', Buffer.alloc(0), /is empty/],
    ['text', Buffer.from('hello, I am a zip, honestly'), /Could not unzip/],
    ['cut off', good.subarray(0, good.length - 30), /Could not unzip/],
    ['no entries', await zipOf([]), /holds no file/],
    ['directories only', await zipOf([{ name: 'a/' }]), /holds no file/],
  ];
  for (const [name, zip, message] of cases) {
    await t.rejects(unpack(zip, join(t.testdir(), 'task')), invalid(message), name);
  }
});

t.test('damaged bytes are found by the checksum', async (t) => {
  const bytes = 'what the function says';
  const zip = await zipOf([{ name: 'index.mjs', bytes: Buffer.from(bytes) }]);
  const stored = deflateRawSync(bytes);
  const at = zip.indexOf(stored.subarray(0, 8));
  t.not(at, -1);
  zip[at + 4] = (zip[at + 4] ?? 0) ^ 0x10;
  await t.rejects(unpack(zip, join(t.testdir(), 'task')), invalid(/damaged|Could not unzip/));
});

t.test('hostile trees are refused before anything is written', async (t) => {
  const file = (name: string): TestEntry => ({ name, bytes: 'x' });
  const cases: readonly [string, readonly TestEntry[], RegExp][] = [
    ['climbs', [file('../evil')], /"\.\." in its path/],
    ['absolute', [file('/etc/evil')], /absolute path/],
    ['link outside', [file('a'), link('out', '../../etc')], /leaves the package/],
    ['absolute link', [file('a'), link('out', '/etc')], /leads to/],
    ['through a link', [link('d', 'e'), file('d/x'), file('e/y')], /lies below a link/],
    ['link after its content', [file('d/x'), link('d', 'e')], /has entries below it/],
    ['below a file', [file('d'), file('d/x')], /lies below a file/],
    ['twice', [file('index.mjs'), file('index.mjs')], /is there twice/],
    ['twice by another spelling', [file('a/b'), file('a//b')], /is there twice/],
    ['a device', [file('a'), { name: 'null', mode: 0o020666 }], /device, a socket or a pipe/],
    ['a pipe', [file('a'), { name: 'pipe', mode: 0o010666 }], /device, a socket or a pipe/],
    ['an empty link', [file('a'), link('l', '')], /target of 0 bytes/],
    ['a huge link', [file('a'), link('l', 'x'.repeat(2000))], /target of 2000 bytes/],
  ];
  for (const [name, entries, message] of cases) {
    const root = join(t.testdir(), 'task');
    await t.rejects(unpack(await rawZipOf(entries), root), invalid(message), name);
    await t.rejects(lstat(root), { code: 'ENOENT' }, `${name}: nothing is written`);
  }
});

t.test('encryption and unknown compression are named', async (t) => {
  const zip = await zipOf([{ name: 'index.mjs', bytes: 'secret' }]);
  const entry = zip.indexOf('PK\x01\x02', 0, 'latin1');
  const encrypted = Buffer.from(zip);
  encrypted.writeUInt16LE(zip.readUInt16LE(entry + 8) | 1, entry + 8);
  await t.rejects(unpack(encrypted, join(t.testdir(), 'task')), invalid(/is encrypted/));
  const lzma = Buffer.from(zip);
  lzma.writeUInt16LE(14, entry + 10);
  await t.rejects(unpack(lzma, join(t.testdir(), 'task')), invalid(/method 14/));
});

t.test('a zip bomb is stopped by what it declares', async (t) => {
  const mib = Buffer.alloc(1024 * 1024);
  const entries = Array.from({ length: 251 }, (_, index) => ({ name: `f${index}`, bytes: mib }));
  const zip = await zipOf(entries);
  t.ok(zip.length < 1024 * 1024);
  const root = join(t.testdir(), 'task');
  await t.rejects(unpack(zip, root), invalid(/must be smaller than 262144000 bytes/));
  await t.rejects(lstat(root), { code: 'ENOENT' });
});

t.test('a zip bomb that declares less than it holds is stopped while it inflates', async (t) => {
  const zip = await zipOf([{ name: 'bomb', bytes: Buffer.alloc(64 * 1024 * 1024) }]);
  const directory = zip.indexOf('PK\x01\x02', 0, 'latin1');
  zip.writeUInt32LE(1000, directory + 24);
  const root = join(t.testdir(), 'task');
  await t.rejects(unpack(zip, root), invalid(/too many bytes/));
  t.ok((await lstat(join(root, 'bomb'))).size <= 1000, 'no more than declared was written');
});

t.test('entries that share their bytes count as often as they are named', async (t) => {
  const half = limits.maxUnzippedBytes / 2 + 1;
  const zip = await zipOf([{ name: 'a', bytes: Buffer.alloc(half) }]);
  const start = zip.indexOf('PK\x01\x02', 0, 'latin1');
  const end = zip.indexOf('PK\x05\x06', 0, 'latin1');
  const entry = zip.subarray(start, end);
  const second = Buffer.from(entry);
  second[46] = 'b'.charCodeAt(0);
  const tail = Buffer.from(zip.subarray(end));
  tail.writeUInt16LE(2, 8);
  tail.writeUInt16LE(2, 10);
  tail.writeUInt32LE(entry.length * 2, 12);
  const twice = Buffer.concat([zip.subarray(0, end), second, tail]);
  await t.rejects(unpack(twice, join(t.testdir(), 'task')), invalid(/must be smaller/));
});

/** Where every link of a tree leads, as the kernel sees it, but for those that lead nowhere. */
const linkEnds = async (root: string): Promise<string[]> => {
  const ends: string[] = [];
  // With types, since without them Node.js walks through links to directories, round and round.
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isSymbolicLink()) continue;
    ends.push(
      ...(await realpath(join(entry.parentPath, entry.name)).then(
        (end) => [end],
        () => [],
      )),
    );
  }
  return ends;
};

t.test('property: no file and no link of any zip leads outside of its directory', async (t) => {
  const part = fc.constantFrom('a', 'b', 'c', '..', '.', '');
  const path = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
  const entry: fc.Arbitrary<TestEntry> = fc.oneof(
    path.map((name) => ({ name: `${name}x`, bytes: 'data' })),
    fc.tuple(path, path).map(([name, target]) => link(`${name}x`, `${target}x`)),
    fc.tuple(path, path).map(([name, target]) => link(`${name}x`, target)),
  );
  const base = t.testdir();
  let accepted = 0;
  let round = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { minLength: 1, maxLength: 5 }), async (entries) => {
      round += 1;
      const outer = join(base, String(round));
      const root = join(outer, 'task');
      await mkdir(outer);
      try {
        await unpack(await rawZipOf([{ name: 'file', bytes: 'x' }, ...entries]), root);
      } catch (error) {
        t.equal((error as BallastError).code, 'INVALID_ZIP');
        return;
      }
      accepted += 1;
      t.same(await readdir(outer), ['task']);
      for (const end of await linkEnds(root)) {
        t.ok(end === root || end.startsWith(`${root}/`), end);
      }
    }),
    { numRuns: 300 },
  );
  t.ok(accepted > 10, 'some of them are good packages');
});
