/** The pool with real VMs: some of a kernel that does nothing, the others of the built image. */
import { randomUUID } from 'node:crypto';
import { accessSync } from 'node:fs';
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { mock } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import t, { type Test } from 'tap';
import type { Domain } from '../../../lib/index.js';
import { LateAccounts } from '../../../src/pool/accounts.js';
import type { BootRules } from '../../../src/pool/boot.js';
import { domainXml } from '../../../src/pool/domainXml.js';
import { type GuestImage, installGuestImage } from '../../../src/pool/guestImage.js';
import { HostCap } from '../../../src/pool/hostCap.js';
import { Pool } from '../../../src/pool/pool.js';
import { findQemuPid } from '../../../src/pool/resident.js';
import { bareKernel } from '../../support/bareKernel.js';
import { openBootPlace } from '../../support/bootRules.js';
import { domainSpec } from '../../support/domainSpec.js';
import { openEmbed } from '../../support/embed.js';
import { unobserved } from '../../support/unobserved.js';
import { within } from '../../support/within.js';

t.setTimeout(10 * 60_000);
const connection = await openEmbed(t);
const { dir, rules, fn, put } = await openBootPlace(t, connection);
const { instancesDir, geometry } = rules;
const silentImage = { ...rules.image, kernelPath: await put('silent', bareKernel('silence')) };
const logger = pino({ level: 'silent' });

/** A pool that closes with its test, and what it lost. */
async function openPool(t: Test, image: GuestImage = silentImage) {
  const boot: BootRules = { ...rules, image };
  const identity = { region: 'us-east-1', accountId: '000000000000' };
  const hostCap = new HostCap({ budgetMib: 0, geometry, overheadMib: 0, isProvisioned: true });
  const bounds = { settleMs: 60_000, initTimeoutMs: 60_000 };
  const instanceRules = { geometry, vcpus: 1, identity, ...bounds, observer: unobserved, hostCap };
  const accounts = new LateAccounts();
  const kept = { rules: instanceRules, templates: null, accounts };
  const pool = await Pool.open({ boot, ...kept, reopen: null, logger });
  t.teardown(() => pool.close());
  const lost: { readonly instanceId: string; readonly reason: Error }[] = [];
  const loss = new Promise<void>((resolve) => {
    pool.onLost = (instanceId, reason) => {
      lost.push({ instanceId, reason });
      resolve();
    };
  });
  return { pool, lost, loss };
}

/** A VM of an earlier service's, stopped before its first instruction. */
async function leaveBehind(name: string, ownerId: string): Promise<Domain> {
  const instanceDir = join(instancesDir, name);
  await mkdir(instanceDir, { mode: 0o711 });
  const disk = rules.image.rootPath;
  const spec = domainSpec({
    name,
    uuid: randomUUID(),
    ownerId,
    vcpus: 1,
    kernelPath: silentImage.kernelPath,
    initramfsPath: disk,
    rootPath: disk,
    taskPath: disk,
    scratchPath: await put(`${name}.img`, new Uint8Array(4096)),
    channelPath: join(dir, `${name}.sock`),
  });
  return connection.createDomain(domainXml(spec), { paused: true });
}

const names = async () => (await connection.listDomains()).map(({ name }) => name).sort();

t.test('what a killed service left is ended, and nothing of anybody else', async (t) => {
  await leaveBehind('ballast-i-mine', rules.ownerId);
  const others = [
    await leaveBehind('ballast-i-other', 'another-service'),
    await leaveBehind('mine-by-hand', rules.ownerId),
  ];
  await writeFile(join(instancesDir, 'stray'), '');
  const { pool } = await openPool(t);
  t.same(await names(), ['ballast-i-other', 'mine-by-hand']);
  t.same(pool.all(), []);
  t.same(await readdir(instancesDir), []);
  t.equal((await stat(instancesDir)).mode & 0o777, 0o711, 'QEMU may pass, and may not list');
  await pool.close();
  t.same(await names(), ['ballast-i-other', 'mine-by-hand']);
  for (const domain of others) await domain.destroy();
});

t.test('a size beyond the geometry is refused', async (t) => {
  const { pool } = await openPool(t);
  pool.checkSize(geometry.maxMib);
  t.throws(() => pool.checkSize(geometry.maxMib + 1), { code: 'SIZE_BEYOND_HOST' });
});

t.test('closing gives up the boots under way, and allows none', async (t) => {
  const { pool, lost } = await openPool(t);
  const boots = ['i-1', 'i-2', 'i-3'].map((id) =>
    pool.start(id, fn, 128).catch((caught: unknown) => caught),
  );
  while ((await names()).length < 2) await delay(20);
  await pool.close();
  for (const boot of [...boots, pool.start('i-4', fn, 128).catch((caught: unknown) => caught)]) {
    t.match(await boot, { code: 'SHUTTING_DOWN', message: /The service is stopping/ });
  }
  t.same([await names(), await readdir(instancesDir), pool.all(), lost], [[], [], [], []]);
});

function imageIsBuilt(): boolean {
  try {
    accessSync('build/image/image.json');
    return true;
  } catch {
    return false;
  }
}

const skip = imageIsBuilt() ? false : 'the guest image is not built: run `make image`';

t.test('instances of the built image', { skip }, async (t) => {
  const image = await installGuestImage(resolve('build/image'), join(dir, 'images'), 'tcg');

  await t.test('one is booted at its size, known, and ended when that is asked', async (t) => {
    const { pool, lost } = await openPool(t, image);
    const instance = await pool.start('i-1', fn, 130);
    t.equal(instance.state, 'starting');
    t.same(instance.size, { pluggedMib: 130, limitMib: 0 });
    t.ok(Number((await instance.resident())?.residentMib) > 64);
    t.same([pool.get('i-1'), pool.all()], [instance, [instance]]);
    t.same(await readdir(instancesDir), ['i-1']);
    const running = instance.startRuntime(128).catch((caught: unknown) => caught);
    const destruction = pool.destroy('i-1');
    t.equal(pool.destroy('i-1'), destruction, 'asking twice is asking once');
    t.equal(instance.state, 'evicting');
    t.match(await running, { code: 'INSTANCE_LOST', message: /i-1 was evicted/ });
    await destruction;
    t.same([await names(), await readdir(instancesDir), pool.get('i-1')], [[], [], undefined]);
    await pool.destroy('i-1');
    t.same(lost, [], 'what is ended on purpose is not lost');
  });

  await t.test('one whose QEMU is killed is lost, and ended as any other', async (t) => {
    const { pool, lost, loss } = await openPool(t, image);
    const instance = await pool.start('i-1', fn, 128);
    const pid = await findQemuPid(instance.domain.uuid);
    if (pid === null) throw new Error('the instance has no QEMU');
    process.kill(pid, 'SIGKILL');
    await within('the loss', loss);
    t.match(lost, [{ instanceId: 'i-1', reason: { code: 'INSTANCE_LOST' } }]);
    t.equal(pool.get('i-1'), instance, 'its memory is not back before it is ended');
    await pool.destroy('i-1');
    t.same([await names(), await readdir(instancesDir), pool.all()], [[], [], []]);
    t.equal(lost.length, 1);
  });

  await t.test('closing ends all but those that it cannot, and says so', async (t) => {
    const { pool, lost } = await openPool(t, image);
    const [stubborn] = await Promise.all([pool.start('i-1', fn, 128), pool.start('i-2', fn, 128)]);
    const running = stubborn.startRuntime(128).catch((caught: unknown) => caught);
    const error = new Error('QEMU hangs');
    const destroy = mock.method(stubborn.domain, 'destroy', () => Promise.reject(error));
    await t.rejects(pool.close(), { message: /^1 VMs could not be ended/, errors: [error] });
    t.match(await running, { code: 'SHUTTING_DOWN' });
    t.same([await names(), pool.all()], [['ballast-i-1'], [stubborn]]);
    destroy.mock.restore();
    await pool.close();
    t.same([await names(), await readdir(instancesDir), pool.all(), lost], [[], [], [], []]);
  });
});
