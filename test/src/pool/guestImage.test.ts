import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { installGuestImage } from '../../../src/pool/guestImage.js';
import { recordSyncs } from '../../support/recordSyncs.js';

const names = ['vmlinuz', 'vmlinux', 'initramfs.img', 'root.erofs'] as const;
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const manifestOf = (contents: (name: string) => string) => ({
  digest: sha256(names.map(contents).join()),
  kernel: '6.1.0',
  protocol: 1,
  runtimes: [{ name: 'nodejs20.x' }, { name: 'provided' }],
  files: Object.fromEntries(
    names.map((name) => [
      name,
      { sha256: sha256(contents(name)), bytes: Buffer.byteLength(contents(name)) },
    ]),
  ),
});

/** Builds a small image into `dir`. */
function build(dir: string, contents: (name: string) => string): { digest: string } {
  const manifest = manifestOf(contents);
  mkdirSync(dir, { recursive: true });
  for (const name of names) writeFileSync(join(dir, name), contents(name), { mode: 0o600 });
  writeFileSync(join(dir, 'image.json'), JSON.stringify(manifest));
  return manifest;
}

function place(t: Test): { builtDir: string; imagesDir: string } {
  const dir = t.testdir({});
  return { builtDir: join(dir, 'built'), imagesDir: join(dir, 'images') };
}

const first = (name: string): string => `the first ${name}`;
const second = (name: string): string => `the second ${name}`;

t.test('an image is installed under its digest, readable for QEMU', async (t) => {
  const { builtDir, imagesDir } = place(t);
  const { digest } = build(builtDir, first);
  const image = await installGuestImage(builtDir, imagesDir, 'kvm');
  t.match(image, { digest, kernel: '6.1.0', runtimes: ['nodejs20.x', 'provided'] });
  const paths = [image.kernelPath, image.initramfsPath, image.rootPath];
  t.same(
    paths.map((path) => readFileSync(path, 'utf8')),
    ['vmlinuz', 'initramfs.img', 'root.erofs'].map(first),
  );
  for (const path of paths) t.equal(statSync(path).mode & 0o777, 0o644);
  t.equal(statSync(join(imagesDir, digest)).mode & 0o777, 0o755);
  t.same(readdirSync(imagesDir), [digest], 'nothing is left aside');
});

t.test('an emulated machine gets the kernel unpacked', async (t) => {
  const { builtDir, imagesDir } = place(t);
  const { digest } = build(builtDir, first);
  await installGuestImage(builtDir, imagesDir, 'kvm');
  const { kernelPath } = await installGuestImage(builtDir, imagesDir, 'tcg');
  t.equal(readFileSync(kernelPath, 'utf8'), first('vmlinux'));
  t.notOk(readdirSync(join(imagesDir, digest)).includes('vmlinuz'), 'one kernel is enough');
});

t.test('an image is on the disk before it has its name', async (t) => {
  const { builtDir, imagesDir } = place(t);
  const { digest } = build(builtDir, first);
  const synced = await recordSyncs(t);
  await installGuestImage(builtDir, imagesDir, 'kvm');
  const aside = join(imagesDir, `.${digest}.${process.pid}`);
  const installed = names.filter((name) => name !== 'vmlinux');
  t.same(synced, [...installed.map((name) => join(aside, name)), aside, imagesDir]);
});

t.test('an image that is there is not copied again, a damaged one is', async (t) => {
  const { builtDir, imagesDir } = place(t);
  build(builtDir, first);
  const { rootPath, kernelPath } = await installGuestImage(builtDir, imagesDir, 'kvm');
  const { ino } = statSync(rootPath);
  await installGuestImage(builtDir, imagesDir, 'kvm');
  t.equal(statSync(rootPath).ino, ino);
  writeFileSync(kernelPath, 'half');
  await installGuestImage(builtDir, imagesDir, 'kvm');
  t.equal(readFileSync(kernelPath, 'utf8'), first('vmlinuz'));
});

t.test('a newer image takes the place of an older one and of what a crash left', async (t) => {
  const { builtDir, imagesDir } = place(t);
  build(builtDir, first);
  await installGuestImage(builtDir, imagesDir, 'kvm');
  const { digest } = build(builtDir, second);
  mkdirSync(join(imagesDir, `.${digest}.1`));
  const image = await installGuestImage(builtDir, imagesDir, 'kvm');
  t.equal(readFileSync(image.rootPath, 'utf8'), second('root.erofs'));
  t.same(readdirSync(imagesDir), [digest]);
});

t.test('an image that was not built is an error that says how to build it', async (t) => {
  const { builtDir, imagesDir } = place(t);
  await t.rejects(installGuestImage(builtDir, imagesDir, 'kvm'), {
    code: 'HOST_UNUSABLE',
    message: /image\.json cannot be read.*`make image`/,
  });
});

t.test('a file that is missing is named, and the image before it stays', async (t) => {
  const { builtDir, imagesDir } = place(t);
  const { digest } = build(builtDir, first);
  await installGuestImage(builtDir, imagesDir, 'kvm');
  build(builtDir, second);
  rmSync(join(builtDir, 'root.erofs'));
  await t.rejects(installGuestImage(builtDir, imagesDir, 'kvm'), {
    code: 'HOST_UNUSABLE',
    message: /root\.erofs cannot be copied.*`make image`/,
  });
  t.same(readdirSync(imagesDir), [digest]);
});

t.test('a file that is not what the manifest says is refused', async (t) => {
  const { builtDir, imagesDir } = place(t);
  build(builtDir, first);
  writeFileSync(join(builtDir, 'vmlinuz'), 'THE FIRST vmlinuz');
  await t.rejects(installGuestImage(builtDir, imagesDir, 'kvm'), {
    code: 'HOST_UNUSABLE',
    message: /vmlinuz is not what its manifest says/,
  });
  t.same(readdirSync(imagesDir), []);
});

t.test('what is no manifest is refused', async (t) => {
  const { builtDir, imagesDir } = place(t);
  const { digest } = build(builtDir, first);
  const good = manifestOf(first);
  const bad = [
    'not JSON',
    'null',
    '[]',
    JSON.stringify({ ...good, digest: '../../etc' }),
    JSON.stringify({ ...good, digest: digest.toUpperCase() }),
    JSON.stringify({ ...good, runtimes: [] }),
    JSON.stringify({ ...good, files: { ...good.files, vmlinuz: undefined } }),
  ];
  for (const text of bad) {
    writeFileSync(join(builtDir, 'image.json'), text);
    await t.rejects(installGuestImage(builtDir, imagesDir, 'kvm'), { code: 'HOST_UNUSABLE' }, text);
  }
});
