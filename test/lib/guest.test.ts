/** The binding against a Linux that runs: what its drivers do, and what QEMU alone does. */
import { closeSync } from 'node:fs';
import t from 'tap';
import { ClosedError, SettleTimeoutError } from '../../lib/index.js';
import {
  agentPort,
  cdromXml,
  createLinuxGuest,
  extraDiskXml,
  imageIsBuilt,
} from '../support/linuxGuest.js';
import { withCode } from '../support/testDriver.js';
import { within } from '../support/within.js';

if (!imageIsBuilt()) {
  t.plan(0, 'the guest image is not built: run `make image`');
  process.exit();
}

t.setTimeout(180_000);

const { connection, domain, files, xml } = await createLinuxGuest(t, 'ballast-linux');
const aborted = AbortSignal.timeout(120_000);

t.test('a processor is plugged', async (t) => {
  // Before the guest runs: where QEMU emulates processors, it has died of one that came later.
  await domain.cpus.setOnline('1', true, { live: true });
  t.equal((await domain.cpus.list()).length, 2);
});

t.test('the console tells of the boot, and events of the start', async (t) => {
  const resumed = domain.events('lifecycle', { signal: aborted });
  await resumed.start();
  const qmp = domain.qmpEvents('RESUME', { signal: aborted });
  await qmp.start();
  const console = await domain.consoles.open(null, { force: true });
  await domain.resume();
  t.match((await within('the event', resumed.next())).value, { event: 'resumed' });
  t.match((await within('the monitor event', qmp.next())).value, { event: 'RESUME', data: null });
  await Promise.all([resumed.return(), qmp.return()]);
  let text = '';
  const booted = new Promise<void>((resolve) => {
    console.on('data', (data: Buffer) => {
      text += data.toString();
      if (/virtio_mem .*region size[\s\S]*\n/.test(text)) resolve();
    });
  });
  await within('the driver of the memory device', booted);
  console.destroy();
  t.match(text, 'Linux version');
});

t.test('virtio-mem plugs and unplugs, and settles within moments', async (t) => {
  const changes = domain.events('memory-device-size-change', { signal: aborted });
  await changes.start();
  const device = await domain.memory.device('virtiomem0');
  t.match(device, { sizeKib: 524_288, blockKib: 2048, requestedKib: 0, currentKib: 0 });
  await device.setRequested(262_144);
  t.equal(await device.settled(262_144), 262_144);
  t.equal(await device.readCurrentKib(), 262_144);
  const [read] = await domain.memory.devices();
  t.equal(read?.requestedKib, 262_144);
  t.match((await within('the event', changes.next())).value, { alias: 'virtiomem0' });
  t.equal(changes.dropped, 0);
  await changes.return();
  await device.setRequested(0);
  t.equal(await device.settled(0, { timeoutMs: 60_000 }), 0);
});

t.test('a size that does not come is an error that says how far it came', async (t) => {
  const device = await domain.memory.device('virtiomem0');
  const error = await device.settled(2048, { timeoutMs: 20 }).catch((reason: unknown) => reason);
  t.type(error, SettleTimeoutError);
  t.match(error, { code: 'SETTLE_TIMEOUT', targetKib: 2048, currentKib: 0 });
  const reason = new Error('enough');
  const controller = new AbortController();
  const waiting = device.settled(2048, { signal: controller.signal });
  controller.abort(reason);
  await t.rejects(waiting, reason);
  await t.rejects(device.setRequested(1000), { name: 'RangeError', message: /2048.*not 1000/ });
  await t.rejects(device.setRequested(1_048_576), RangeError);
  await t.rejects(domain.memory.device('virtiomem9'), { message: /virtiomem0.*not virtiomem9/ });
});

t.test('the balloon settles too', async (t) => {
  const { balloon } = domain.memory;
  const fullKib = await balloon.readCurrentKib();
  await balloon.setTarget(fullKib - 16_384);
  t.equal(await balloon.settled(fullKib - 16_384), fullKib - 16_384);
  await balloon.setTarget(fullKib);
  t.equal(await balloon.settled(fullKib), fullKib);
});

t.test('a disk is measured, looked into, resized and limited', async (t) => {
  const disk = domain.disk('vdb');
  t.equal((await disk.info()).capacityBytes, 16 * 1024 * 1024);
  t.ok(((await disk.stats()).rdBytes ?? 0) >= 0);
  t.same(await disk.peek(0, 4), Buffer.alloc(4));
  await disk.resize(32 * 1024 * 1024);
  t.equal((await disk.info()).capacityBytes, 32 * 1024 * 1024);
  await disk.setThreshold(4096);
  const tunable = domain.events('tunable', { signal: aborted });
  await tunable.start();
  await disk.setIoTune({ totalIops: 1000 });
  t.equal((await disk.ioTune()).totalIops, 1000);
  t.match((await within('the event', tunable.next())).value, {
    parameters: { blkdeviotune: { disk: 'vdb', totalIopsSec: 1000 } },
  });
  await tunable.return();
  await disk.setIoTune({ totalIops: 0 });
});

t.test('a disk is copied, and the job can be watched and ended', async (t) => {
  const disk = domain.disk('vdb');
  const target = await files.disk('copy', 32 * 1024 * 1024);
  const jobs = domain.events('block-job', { signal: aborted });
  await jobs.start();
  const copy = `<disk type='file'><driver type='raw'/><source file='${target}'/></disk>`;
  const bandwidth = 1024 * 1024;
  await disk.copy(copy, { reuseExternal: true, transientJob: true, bandwidth });
  t.match(await disk.job(), { type: 'copy', bandwidthMib: 1, end: 32 * 1024 * 1024 });
  await disk.setJobSpeed(2);
  await disk.abortJob();
  t.match((await within('the event', jobs.next())).value, { disk: 'vdb', status: 'canceled' });
  t.equal(await disk.job(), null);
  await disk.pull();
  t.match((await within('the event', jobs.next())).value, { type: 'pull', status: 'completed' });
  await jobs.return();
  await t.rejects(disk.commit({ active: true }), withCode('INVALID_ARG'));
  await t.rejects(disk.rebase({ base: 'vdb[1]' }), withCode('INVALID_ARG'));
});

t.test('devices come and go, and a drive opens', async (t) => {
  const added = domain.events('device-added', { signal: aborted });
  const removed = domain.events('device-removed', { signal: aborted });
  const trays = domain.events('tray-change', { signal: aborted });
  await Promise.all([added.start(), removed.start(), trays.start()]);
  const path = await files.disk('extra', 1024 * 1024);
  await domain.attachDevice(extraDiskXml(path), { live: true });
  t.match((await within('the event', added.next())).value, { alias: 'ua-extra' });
  await domain.detachDeviceByAlias('ua-extra', { live: true });
  t.match((await within('the event', removed.next())).value, { alias: 'ua-extra' });
  await domain.updateDevice(cdromXml(files.path('root.erofs')), { live: true });
  t.match((await within('the event', trays.next())).value, { reason: 'open' });
  await Promise.all([added.return(), removed.return(), trays.return()]);
  await t.rejects(domain.detachDevice(extraDiskXml(path), { live: true }), {
    name: 'LibvirtError',
    message: /./,
    call: 'virDomainDetachDeviceFlags',
  });
});

t.test('statistics come in bulk, nested', async (t) => {
  await domain.memory.startDirtyRate(1);
  const [record] = await connection.domainStats({ domains: [domain] });
  t.equal(record?.domain.name, 'ballast-linux');
  t.match(record?.stats, {
    state: { state: 1 },
    vcpu: { current: 2, maximum: 2, items: [{ index: 0 }, { index: 1 }] },
    balloon: { maximum: Number },
    block: { count: 3, items: [{ index: 0, name: 'vda' }, { name: 'vdb' }, { name: 'sda' }] },
  });
  t.ok(Number(record?.stats.cpu?.time) > 0);
  t.equal((await domain.memory.peek(0, 64)).length, 64);
});

t.test('processors are pinned', async (t) => {
  await domain.cpus.pin(0, [0]);
  t.same((await domain.cpus.pins())[0], [0]);
  t.same(
    (await domain.cpus.ioThreads()).map(({ id }) => id),
    [1],
  );
  const agent = withCode('AGENT_UNRESPONSIVE');
  await t.rejects(domain.cpus.guestList(), agent);
  await t.rejects(domain.cpus.setGuestOnline('0', true), agent);
});

t.test('a guest without its agent does not answer', async (t) => {
  const { guest } = domain;
  await guest.setAgentTimeout(1);
  const agent = withCode('AGENT_UNRESPONSIVE');
  await t.rejects(guest.agent('guest-ping', {}, { timeoutSeconds: 1 }), agent);
  await t.rejects(guest.info(), agent);
  await t.rejects(guest.sshKeys('root'), agent);
  await t.rejects(guest.setSshKeys('root', ['ssh-ed25519 AAAA']), agent);
  await t.rejects(domain.pmSuspend('mem'), agent);
});

t.test('screens, channels and the display', async (t) => {
  const { stream, type } = await domain.consoles.screenshot();
  t.equal(type, 'image/png');
  t.match(
    Buffer.concat(await stream.toArray())
      .subarray(1, 4)
      .toString(),
    'PNG',
  );
  const channel = await domain.consoles.openChannel(agentPort);
  await new Promise<void>((resolve, reject) => {
    channel.write('hello', (error) => (error ? reject(error) : resolve()));
  });
  await t.rejects(
    domain.consoles.openChannel(agentPort),
    withCode('OPERATION_FAILED'),
    'it is open',
  );
  channel.resume().end();
  await within('the channel ends', new Promise((resolve) => channel.once('close', resolve)));
  await t.resolves(domain.consoles.openChannel(agentPort).then((again) => again.destroy()));
  const display = await domain.consoles.openGraphics(0, { skipAuth: true });
  t.ok(display > 2);
  closeSync(display);
});

t.test('a stream ends with the handle that it was opened through', async (t) => {
  const other = await connection.lookupByName('ballast-linux');
  const channel = await other.consoles.openChannel(agentPort);
  const failed = new Promise<Error>((resolve) => channel.once('error', resolve));
  // What it reads, it waits for.
  channel.resume();
  await other.close();
  t.type(await within('the error', failed), ClosedError);
  t.equal(channel.destroyed, true);
});

t.test('an abort ends a stream with its reason', async (t) => {
  const controller = new AbortController();
  const { signal } = controller;
  const channel = await domain.consoles.openChannel(agentPort, { signal });
  const failed = new Promise<Error>((resolve) => channel.once('error', resolve));
  channel.resume();
  controller.abort(new Error('enough'));
  t.match(await within('the error', failed), { message: 'enough' });
});

t.test('jobs, migration parameters and security', async (t) => {
  t.match(await domain.jobs.info(), { type: 'none', elapsedMs: 0 });
  t.same(await domain.jobs.stats(), { type: 'none', stats: {} });
  await t.rejects(domain.jobs.abort(), withCode('OPERATION_INVALID'));
  await t.rejects(domain.jobs.backupXml(), withCode('NO_DOMAIN_BACKUP'));
  await domain.migration.setMaxDowntime(100);
  t.equal(await domain.migration.maxDowntimeMs(), 100);
  await domain.migration.setMaxSpeed(100);
  t.equal(await domain.migration.maxSpeedMib(), 100);
  await domain.migration.setCache(67_108_864);
  t.equal(await domain.migration.cacheBytes(), 67_108_864);
  await t.rejects(domain.migration.startPostCopy(), withCode('OPERATION_INVALID'));
  t.ok((await domain.security.labels()).length > 0);
  t.same(await domain.security.launch(), {});
  await t.rejects(
    domain.security.setLaunchSecret({ sevSecret: 'x', sevSecretHeader: 'y' }),
    withCode('OPERATION_UNSUPPORTED'),
  );
});

t.test('a backup is written, and its end is told', async (t) => {
  const completed = domain.events('job-completed', { signal: aborted });
  await completed.start();
  await domain.jobs.beginBackup(`
    <domainbackup mode='push'><disks>
      <disk name='vdb' type='file'><target file='${files.path('backup')}'/><driver type='raw'/>
      </disk>
      <disk name='vda' backup='no'/>
    </disks></domainbackup>`);
  t.match((await within('the event', completed.next())).value, {
    parameters: { success: true, diskTotal: 32 * 1024 * 1024 },
  });
  await completed.return();
  t.match(await domain.jobs.stats({ completed: true }), { type: 'completed' });
});

t.test('the host behind QEMU', async (t) => {
  const { node } = connection;
  t.ok(((await node.memoryStats()).total ?? 0) > 0);
  t.equal((await node.freePages([4]))[0]?.length, 1);
  t.type((await node.memoryParameters()).pagesToScan, 'number');
  await t.rejects(node.sevInfo(), withCode('OPERATION_UNSUPPORTED'));
  const cpu = '<cpu><arch>x86_64</arch><model>qemu64</model></cpu>';
  const kind = { arch: 'x86_64', virtType: 'qemu' };
  const model = '<cpu><model>qemu64</model></cpu>';
  t.match(await connection.cpus.compare(cpu), /^(incompatible|identical|superset)$/);
  t.equal(await connection.cpus.compareHypervisor(model, kind), 'superset');
  t.match(await connection.cpus.baseline([cpu]), 'qemu64');
  t.match(await connection.cpus.baselineHypervisor([model], kind), 'qemu64');
  t.match(await connection.domainXmlToNative('qemu-argv', xml), 'qemu-system-x86_64');
  t.match(await connection.domainCapabilities({ virtType: 'qemu' }), '<domainCapabilities>');
});

t.test('the state goes to a file and back', async (t) => {
  const iterations = domain.events('migration-iteration', { signal: aborted });
  await iterations.start();
  await domain.saves.toFileWith(files.path('image'));
  t.match((await within('the event', iterations.next())).value, { iteration: 1 });
  await iterations.return();
  t.match(await connection.saveImageXml(files.path('image')), 'ballast-linux');
  await connection.restoreDomainWith(files.path('image'), { paused: true });
  const restored = await connection.lookupByName('ballast-linux');
  t.equal((await restored.state()).state, 'paused');
  await restored.destroy();
});
