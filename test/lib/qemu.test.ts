/** The binding against a real QEMU, through the embedded driver. */
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { LibvirtError, QmpError } from '../../lib/index.js';
import { bareDomainXml, openEmbed, resizedXml } from '../support/embed.js';
import { recordLifecycle } from '../support/lifecycle.js';
import { withCode } from '../support/testDriver.js';

const connection = await openEmbed(t);
const domain = await connection.createDomain(bareDomainXml('ballast-binding'), { paused: true });

t.test('versions name the installed QEMU', async (t) => {
  const { libvirt, hypervisor } = await connection.version();
  t.match(libvirt, /^\d+\.\d+\.\d+$/);
  const qemu = await domain.qmp('query-version');
  t.ok(hypervisor.startsWith(`${qemu.qemu.major}.${qemu.qemu.minor}.`), hypervisor);
});

t.test('a domain created paused runs when it is resumed', async (t) => {
  t.equal((await domain.state()).state, 'paused');
  t.match(await domain.qmp('query-status'), { running: false });
  await domain.resume();
  t.equal((await domain.state()).state, 'running');
  t.match(await domain.qmp('query-status'), { running: true });
  t.equal(typeof (await domain.id()), 'number');
  t.equal(await domain.isPersistent(), false);
});

t.test('updateDevice sets the requested size of virtio-mem', async (t) => {
  await domain.updateDevice(resizedXml(await domain.xml(), 131_072), { live: true });
  const devices = await domain.qmp('query-memory-devices');
  const elastic = devices.find((device) => device.type === 'virtio-mem');
  t.equal(elastic?.data['requested-size'], 128 * 1024 * 1024);
  t.match(await domain.xml(), "<requested unit='KiB'>131072</requested>");
});

t.test('updateDevice refuses what is no multiple of the block', async (t) => {
  await t.rejects(
    domain.updateDevice(resizedXml(await domain.xml(), 1_000), { live: true }),
    LibvirtError,
  );
});

t.test('memory statistics name the resident size of QEMU', async (t) => {
  await domain.setMemoryStatsPeriod(1, { live: true });
  t.match(await domain.xml(), "<stats period='1'/>");
  await t.rejects(domain.setMemoryStatsPeriod(-1, { live: true }), withCode('INVALID_ARG'));
  const stats = await domain.memoryStats();
  t.ok((stats.residentKib ?? 0) > 1024, `${stats.residentKib}`);
  t.equal(stats.balloonKib, 65_536);
  t.equal(stats.hugePages, null, 'no guest driver reported this');
});

t.test('the balloon takes a target within what the domain has', async (t) => {
  await domain.setMemory(49_152, { live: true });
  // Without a driver in the guest nothing follows; what QEMU has is still reported.
  t.equal((await domain.info()).memoryKib, 65_536);
  await t.rejects(domain.setMemory(1_048_576, { live: true }), withCode('INVALID_ARG'));
  await t.rejects(
    domain.setMemory(131_072, { live: true, maximum: true }),
    withCode('OPERATION_INVALID'),
  );
});

t.test('requests and answers of known commands are typed', async (t) => {
  const { status } = await domain.qmp('query-status');
  t.match(status, 'running');
  const type = await domain.qmp<string>('qom-get', { path: '/machine', property: 'type' });
  t.match(type, 'q35');
  // @ts-expect-error a property is missing
  await t.rejects(domain.qmp('qom-get', { path: '/machine' }), QmpError);
  // @ts-expect-error it is called fdname
  await t.rejects(domain.qmp('closefd', { name: 'ballast' }), QmpError);
  t.type(await domain.qmp<object[]>('query-chardev'), Array);
});

t.test('the error of a monitor command is a QmpError', async (t) => {
  const failure = await domain.qmp('qom-get', { path: '/nope', property: 'size' }).catch((e) => e);
  t.type(failure, QmpError);
  t.match(failure, {
    errorClass: 'DeviceNotFound',
    command: 'qom-get',
    description: /nope/,
    message: /^qom-get: .*nope/,
  });
  await t.rejects(domain.qmp('no-such-command'), {
    name: 'QmpError',
    errorClass: 'CommandNotFound',
    command: 'no-such-command',
  });
});

t.test('a file reaches QEMU with a command', async (t) => {
  const path = join(t.testdir({}), 'file');
  writeFileSync(path, '');
  const file = openSync(path, 'r+');
  const sent = domain.qmpWithFiles('getfd', { fdname: 'ballast' }, { files: [file] });
  closeSync(file);
  t.same(await sent, { result: {}, files: [] });
  t.same(await domain.qmp('closefd', { fdname: 'ballast' }), {});
  await t.rejects(domain.qmp('closefd', { fdname: 'ballast' }), QmpError);
  await t.rejects(domain.qmp('getfd', { fdname: 'x' }, { files: [1_000_000] }), RangeError);
  await t.rejects(domain.qmp('getfd', { fdname: 'x' }, { files: [1.5] }), RangeError);
});

t.test('a monitor that does not answer is not waited for beyond the time', async (t) => {
  const device = await domain.memory.device('virtiomem0');
  const root = new URL(connection.uri).searchParams.get('root') ?? '';
  const pid = Number(readFileSync(join(root, 'run/qemu/ballast-binding.pid'), 'utf8'));
  process.kill(pid, 'SIGSTOP');
  const error = await device.settled(0, { timeoutMs: 50 }).catch((reason: unknown) => reason);
  process.kill(pid, 'SIGCONT');
  t.match(error, { code: 'SETTLE_TIMEOUT', currentKib: null, message: /QEMU does not tell/ });
  t.equal(await device.settled(0), 0);
  await t.rejects(device.settled(0, { timeoutMs: -1 }), { name: 'RangeError', message: /not -1/ });
});

t.test('calls on one domain keep their order', async (t) => {
  const seen: boolean[] = [];
  const running = async () => {
    seen.push((await domain.qmp('query-status')).running);
  };
  const suspended = domain.suspend();
  const first = running();
  const resumed = domain.resume();
  const second = running();
  await Promise.all([suspended, first, resumed, second]);
  t.same(seen, [false, true]);
});

t.test('an event tells that the domain stopped', async (t) => {
  const { until } = await recordLifecycle(connection, domain);
  await domain.destroy();
  t.same((await until('ballast-binding stopped')).slice(-1), ['ballast-binding stopped']);
  await t.rejects(domain.state(), { name: 'LibvirtError', code: 'NO_DOMAIN' });
});
