/** A template whose guest's memory is that of no guest, kept by the program as it was built. */
import { access, mkdir, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { makeBlankScratch, packScratch, scratchPathIn } from '../../../../src/pool/scratch.js';
import { writeManifest } from '../../../../src/pool/template/manifest.js';
import { Template, type TemplateParts } from '../../../../src/pool/template/template.js';

const ramProgram = resolve('build/launcher/ballast-ram');
const bytesPerMib = 1024 * 1024;
const about = { key: 'a'.repeat(32), of: 'nodejs18.x', buildMs: 5000 };

async function parts(t: Test, changes: Partial<TemplateParts> = {}): Promise<TemplateParts> {
  const dir = join(t.testdir(), 'template');
  await mkdir(dir);
  await makeBlankScratch(scratchPathIn(dir));
  await packScratch(dir, 'scratch.tar');
  await writeFile(join(dir, 'device.state'), 'state');
  const ram = await open(join(dir, 'boot.ram'), 'w');
  await ram.truncate(64 * bytesPerMib);
  await ram.write(Buffer.alloc(2 * bytesPerMib, 'r'), 0, 2 * bytesPerMib, bytesPerMib);
  await ram.close();
  const manifest = await writeManifest(dir, about, ['device.state', 'scratch.tar', 'boot.ram']);
  const subject = { kind: 'runtime', runtime: 'nodejs18.x' } as const;
  const rest = { subject, method: 'clone', ramProgram, maxMemoryMib: 256, qemuIds: null } as const;
  return { dir, manifest, ...rest, ...changes };
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );
const pidIn = (path: string | undefined) => Number(path?.split('/')[2]);

/** The processes that keep a copy of this template. */
async function holders({ dir }: TemplateParts): Promise<number> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
  );
  return lines.filter((line) => line.startsWith(ramProgram) && line.includes(dir)).length;
}

t.test('one that is opened has its disk and its memory', async (t) => {
  const given = await parts(t);
  const template = await Template.open(given);
  t.teardown(() => template.close());
  t.match(template, { key: about.key, method: 'clone', buildMs: 5000, memoryMib: 2 });
  t.equal(await readFile(template.statePath, 'utf8'), 'state');
  t.equal(await exists(template.scratchPath), true);
  const ram = await template.ram();
  t.equal(ram?.isShared, false);
  t.same(await readFile(String(ram?.path)), await readFile(join(given.dir, 'boot.ram')));
  t.same(await template.ram(), ram, 'the same for all');
});

t.test('memory beyond what the budget sets aside is refused', async (t) => {
  await t.rejects(Template.open(await parts(t, { maxMemoryMib: 1 })), {
    message: /takes 2 MiB, more than the 1 MiB/,
  });
});

t.test('one that is read whole keeps no memory', async (t) => {
  for (const changes of [{ ramProgram: null }, { method: 'restore' }] as const) {
    const given = await parts(t, changes);
    const template = await Template.open(given);
    t.equal(template.memoryMib, 0);
    t.equal(await template.ram(), null);
    t.equal(await holders(given), 0);
    await template.close();
  }
});

t.test('a copy whose process was killed is made again, once for all', async (t) => {
  const given = await parts(t);
  const template = await Template.open(given);
  t.teardown(() => template.close());
  const before = await template.ram();
  process.kill(pidIn(before?.path), 'SIGKILL');
  while (await exists(String(before?.path))) await delay(5);
  await delay(50);
  const found = await Promise.all([template.ram(), template.ram(), template.ram()]);
  const paths = new Set(found.map((ram) => ram?.path));
  t.equal(paths.size, 1, 'whoever finds it gone gets the same');
  t.notOk(paths.has(before?.path));
  t.equal(await holders(given), 1, 'and no other is left');
});

t.test('a closed one keeps no memory, and makes no more', async (t) => {
  const given = await parts(t);
  const template = await Template.open(given);
  await template.close();
  t.equal(await holders(given), 0);
  await t.rejects(template.ram(), { message: /is not used any more/ });
  t.equal(await holders(given), 0);
  await template.close();
});

t.test('one that cannot be kept is tried again by the next', async (t) => {
  const given = await parts(t);
  const template = await Template.open(given);
  t.teardown(() => template.close());
  const ramPath = join(given.dir, 'boot.ram');
  const bytes = await readFile(ramPath);
  process.kill(pidIn((await template.ram())?.path), 'SIGKILL');
  await rm(ramPath);
  await delay(100);
  await t.rejects(template.ram(), { message: /could not be sealed/ });
  await writeFile(ramPath, bytes);
  t.match(await template.ram(), { isShared: false });
});
