import { appendFile, open, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import {
  allocatedMib,
  isIntact,
  readManifest,
  type TemplateManifest,
  writeManifest,
} from '../../../../src/pool/template/manifest.js';

const bytesPerMib = 1024 * 1024;
const about = { key: 'a'.repeat(32), of: 'nodejs18.x', buildMs: 5000 };
const files = {
  'device.state': Buffer.alloc(4096, 's'),
  'boot.ram': Buffer.alloc(3 * bytesPerMib, 'r'),
  'scratch.tar': Buffer.from('small'),
};
const names = Object.keys(files);

async function describe(t: Test): Promise<{ dir: string; manifest: TemplateManifest }> {
  const dir = t.testdir(files);
  return { dir, manifest: await writeManifest(dir, about, names) };
}

t.test('what was described is read again, and is intact', async (t) => {
  const { dir, manifest } = await describe(t);
  t.match(manifest, { ...about, files: { 'scratch.tar': { bytes: 5, sha256: /^[0-9a-f]{64}$/ } } });
  t.same(Object.keys(manifest.files), names);
  t.same(await readManifest(dir), manifest);
  t.equal(await isIntact(dir, manifest), true);
});

for (const name of names) {
  t.test(`damage to ${name} is found`, async (t) => {
    const { dir, manifest } = await describe(t);
    const path = join(dir, name);
    const whole = await readFile(path);
    const isFound = async (what: string) =>
      t.equal(await isIntact(dir, manifest), false, `${name} ${what}`);
    for (const at of [0, Math.floor(whole.length / 2), whole.length - 1]) {
      await flip(path, at);
      await isFound(`with another byte ${at}`);
      await flip(path, at);
      t.equal(await isIntact(dir, manifest), true);
    }
    await truncate(path, whole.length - 1);
    await isFound('a byte shorter');
    await truncate(path, whole.length);
    await isFound('with a hole at its end');
    await writeFile(path, whole);
    await appendFile(path, 'x');
    await isFound('a byte longer');
    await rm(path);
    await isFound('removed');
  });
}

t.test('what is no whole manifest is none', async (t) => {
  const { dir } = await describe(t);
  const path = join(dir, 'template.json');
  const text = await readFile(path, 'utf8');
  const good = JSON.parse(text);
  const entry = good.files['boot.ram'];
  const bad: readonly unknown[] = [
    '',
    'null',
    '[]',
    '{}',
    text.slice(0, -1),
    { ...good, key: 'short' },
    { ...good, key: undefined },
    { ...good, buildMs: -1 },
    { ...good, files: null },
    { ...good, files: { 'boot.ram': { ...entry, sha256: 'abc' } } },
    { ...good, files: { 'boot.ram': { ...entry, bytes: 1.5 } } },
    { ...good, files: {} },
    { ...good, files: { '../passwd': entry } },
  ];
  for (const one of bad) {
    await writeFile(path, typeof one === 'string' ? one : JSON.stringify(one));
    t.equal(await readManifest(dir), null, JSON.stringify(one));
  }
  await rm(path);
  t.equal(await readManifest(dir), null, 'there is none');
  t.equal(await readManifest(join(dir, 'nowhere')), null);
});

t.test('whatever byte of it is lost, no manifest says something else', async (t) => {
  const { dir, manifest } = await describe(t);
  const path = join(dir, 'template.json');
  const text = await readFile(path, 'utf8');
  await fc.assert(
    fc.asyncProperty(fc.nat(text.length - 1), async (length) => {
      await writeFile(path, text.slice(0, length));
      return (await readManifest(dir)) === null;
    }),
    { numRuns: 50 },
  );
  await writeFile(path, text);
  t.same(await readManifest(dir), manifest);
});

t.test('a sparse file takes what its data take', async (t) => {
  const path = join(t.testdir(), 'sparse');
  const file = await open(path, 'w');
  await file.truncate(64 * bytesPerMib);
  await file.write(Buffer.alloc(2 * bytesPerMib, 1), 0, 2 * bytesPerMib, 8 * bytesPerMib);
  await file.sync();
  await file.close();
  t.equal(await allocatedMib(path), 2);
});

async function flip(path: string, at: number): Promise<void> {
  const file = await open(path, 'r+');
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, at);
  byte.writeUInt8(byte.readUInt8() ^ 1);
  await file.write(byte, 0, 1, at);
  await file.close();
}
