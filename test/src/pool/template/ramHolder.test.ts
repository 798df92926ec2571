/** The program that keeps a template's memory, as it was built. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { constants } from 'node:fs';
import { access, chmod, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { RamHolder } from '../../../../src/pool/template/ramHolder.js';

const program = resolve('build/launcher/ballast-ram');
const bytesPerMib = 1024 * 1024;
const dir = await mkdtemp(join(tmpdir(), 'ballast-ram-'));
t.teardown(() => rm(dir, { recursive: true, force: true }));
const file = join(dir, 'boot.ram');
await writeFile(file, Buffer.alloc(2 * bytesPerMib, 'a'));

const sha256 = async (path: string) =>
  createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
const pidOf = (holder: RamHolder) => Number(holder.path.split('/')[2]);
const isRunning = (pid: number) =>
  access(`/proc/${pid}`).then(
    () => true,
    () => false,
  );

async function untilGone(holder: RamHolder): Promise<void> {
  while (holder.isAlive || (await isRunning(pidOf(holder)))) await delay(5);
}

t.test('the copy has the bytes of the file, and nobody can change it', async (t) => {
  const holder = await RamHolder.open(program, file, null);
  t.teardown(() => holder.close());
  t.equal(holder.isAlive, true);
  const whole = await sha256(file);
  t.equal(await sha256(holder.path), whole);
  const copy = await open(holder.path, 'r+');
  await t.rejects(copy.write(Buffer.from('b'), 0, 1, 0), { code: 'EPERM' }, 'not written');
  await t.rejects(copy.truncate(bytesPerMib), { code: 'EPERM' }, 'not shrunk');
  await t.rejects(copy.truncate(3 * bytesPerMib), { code: 'EPERM' }, 'not grown');
  await copy.close();
  await writeFile(file, Buffer.alloc(2 * bytesPerMib, 'c'));
  t.equal(await sha256(holder.path), whole, 'nor by the file that it was made of');
});

t.test('it is let go of, more than once', async (t) => {
  const holder = await RamHolder.open(program, file, null);
  const pid = pidOf(holder);
  await holder.close();
  t.equal(holder.isAlive, false);
  t.equal(await isRunning(pid), false);
  await holder.close();
});

t.test('one that somebody killed is known to be gone', async (t) => {
  const holder = await RamHolder.open(program, file, null);
  process.kill(pidOf(holder), 'SIGKILL');
  await untilGone(holder);
  await holder.close();
  t.equal(holder.isAlive, false);
});

t.test('its process has nothing of this one’s environment', async (t) => {
  process.env.BALLAST_TEST_SECRET = 'known to this process';
  const holder = await RamHolder.open(program, file, null);
  t.teardown(() => holder.close());
  // A test runner may put variables of its own into every process.
  t.notMatch(await readFile(`/proc/${pidOf(holder)}/environ`, 'utf8'), /BALLAST_|PATH=|HOME=/);
});

t.test('what cannot be sealed is an error that says why', async (t) => {
  const sealed = /The memory of a template could not be sealed/;
  await t.rejects(RamHolder.open(program, join(dir, 'nowhere'), null), {
    message: /could not be sealed: .*nowhere.*No such file/,
  });
  await t.rejects(RamHolder.open(join(dir, 'no-program'), file, null), { code: 'ENOENT' });
  await t.rejects(RamHolder.open('/bin/true', file, null), { message: sealed });
  const liar = join(dir, 'liar');
  await writeFile(liar, '#!/bin/sh\necho /etc/passwd\nexec sleep 60\n');
  await chmod(liar, 0o755);
  await t.rejects(RamHolder.open(liar, file, null), { message: /"\/etc\/passwd", no such path/ });
});

t.test('it ends with the process that holds it', async (t) => {
  const holder = spawn(program, [file], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = await once(holder.stdout, 'data');
  const path = String(line).trim();
  await access(path, constants.R_OK);
  holder.stdin.end();
  t.same(await once(holder, 'exit'), [0, null]);
  await t.rejects(access(path), { code: 'ENOENT' });
});
