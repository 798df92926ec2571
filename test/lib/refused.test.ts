/**
 * What libvirt's test driver does not have. The error of each call must name the function of
 * libvirt's that it stands for, which proves that it comes there.
 */
import { closeSync, openSync } from 'node:fs';
import t from 'tap';
import { type Connection, connect, type Domain } from '../../lib/index.js';
import { openFullDomain } from '../support/fullDomain.js';
import { isOld, libvirtVersion, testUri } from '../support/testDriver.js';

/** What an error must look like that came from this function, in the form that tap compares. */
const withCall = (call: string) => ({ name: 'LibvirtError', message: /./, call });

type Call = (domain: Domain, connection: Connection) => Promise<unknown>;

const file = openSync('/dev/null', 'r');
t.teardown(() => closeSync(file));

const unsupported: Readonly<Record<string, Call>> = {
  virDomainBlockStatsFlags: (domain) => domain.disk('vda').stats(),
  virDomainBlockResize: (domain) => domain.disk('vda').resize(1024),
  virDomainBlockPeek: (domain) => domain.disk('vda').peek(0, 16),
  virDomainGetBlockJobInfo: (domain) => domain.disk('vda').job(),
  virDomainBlockJobAbort: (domain) => domain.disk('vda').abortJob({ pivot: true }),
  virDomainBlockJobSetSpeed: (domain) => domain.disk('vda').setJobSpeed(5),
  virDomainBlockPull: (domain) => domain.disk('vda').pull({ bandwidthMib: 5 }),
  virDomainBlockCommit: (domain) => domain.disk('vda').commit({ base: 'vda[1]', active: true }),
  virDomainBlockRebase: (domain) => domain.disk('vda').rebase({ base: 'vda[1]' }),
  virDomainBlockCopy: (domain) => domain.disk('vda').copy('<disk/>', { granularityBytes: 512 }),
  virDomainSetBlockThreshold: (domain) => domain.disk('vda').setThreshold(5),
  virDomainSetVcpu: (domain) => domain.cpus.setOnline('3', true),
  virDomainGetGuestVcpus: (domain) => domain.cpus.guestList(),
  virDomainSetGuestVcpus: (domain) => domain.cpus.setGuestOnline('1', false),
  virDomainQemuAgentCommand: (domain) => domain.guest.agent('guest-ping'),
  virDomainAgentSetResponseTimeout: (domain) => domain.guest.setAgentTimeout(5),
  virDomainGetGuestInfo: (domain) => domain.guest.info({ os: true }),
  virDomainAuthorizedSSHKeysGet: (domain) => domain.guest.sshKeys('root'),
  virDomainAuthorizedSSHKeysSet: (domain) =>
    domain.guest.setSshKeys('root', ['ssh-ed25519 AAAA'], { append: true }),
  virDomainGetSecurityLabelList: (domain) => domain.security.labels(),
  virDomainSetLaunchSecurityState: (domain) =>
    domain.security.setLaunchSecret({ sevSecret: 'a', sevSecretHeader: 'b' }),
  virDomainGetJobInfo: (domain) => domain.jobs.info(),
  virDomainGetJobStats: (domain) => domain.jobs.stats({ completed: true }),
  virDomainAbortJob: (domain) => domain.jobs.abort(),
  virDomainAbortJobFlags: (domain) => domain.jobs.abort({ postCopy: true }),
  virDomainBackupBegin: (domain) => domain.jobs.beginBackup('<domainbackup/>'),
  virDomainBackupGetXMLDesc: (domain) => domain.jobs.backupXml(),
  virDomainMigrateGetMaxDowntime: (domain) => domain.migration.maxDowntimeMs(),
  virDomainMigrateSetMaxDowntime: (domain) => domain.migration.setMaxDowntime(300),
  virDomainMigrateGetMaxSpeed: (domain) => domain.migration.maxSpeedMib(),
  virDomainMigrateSetMaxSpeed: (domain) => domain.migration.setMaxSpeed(100),
  virDomainMigrateGetCompressionCache: (domain) => domain.migration.cacheBytes(),
  virDomainMigrateSetCompressionCache: (domain) => domain.migration.setCache(4096),
  virDomainMigrateStartPostCopy: (domain) => domain.migration.startPostCopy(),
  virDomainStartDirtyRateCalc: (domain) => domain.memory.startDirtyRate(1),
  virDomainGetAutostartOnce: (domain) => domain.autostartOnce(),
  virDomainSetAutostartOnce: (domain) => domain.setAutostartOnce(true),
  virDomainSetThrottleGroup: (domain) => domain.tuning.setThrottleGroup('slow', { totalIops: 100 }),
  virDomainDelThrottleGroup: (domain) => domain.tuning.deleteThrottleGroup('slow'),
  virDomainFDAssociate: (domain) => domain.associateFiles('disk', [file], { writable: true }),
  virDomainDetachDeviceFlags: (domain) => domain.detachDevice('<disk/>'),
  virDomainPMSuspendForDuration: (domain) => domain.pmSuspend('hybrid'),
  virDomainPMWakeup: (domain) => domain.pmWakeup(),
  virDomainOpenConsole: (domain) => domain.consoles.open(),
  virDomainOpenChannel: (domain) => domain.consoles.openChannel('org.ballast'),
  virDomainOpenGraphicsFD: (domain) => domain.consoles.openGraphics(),
  virDomainGraphicsReload: (domain) => domain.consoles.reloadGraphics(),
  virDomainManagedSaveGetXMLDesc: (domain) => domain.saves.managedXml(),
  virDomainManagedSaveDefineXML: (domain) => domain.saves.defineManagedXml('<domain/>'),
  virDomainSaveParams: (domain) => domain.saves.toFileWith('/nowhere/image', { paused: true }),
  virDomainRestoreParams: (_, connection) => connection.restoreDomainWith('/nowhere/image'),
  virConnectSetKeepAlive: (_, connection) => connection.setKeepAlive(5, 3),
  virConnectSetIdentity: (_, connection) => connection.setIdentity({ userName: 'nobody' }),
  virDomainQemuAttach: (_, connection) => connection.attachProcess(1),
  virConnectDomainXMLFromNative: (_, connection) =>
    connection.domainXmlFromNative('qemu-argv', 'qemu'),
  virConnectDomainXMLToNative: (_, connection) =>
    connection.domainXmlToNative('qemu-argv', '<domain/>'),
  virConnectCompareCPU: (_, connection) => connection.cpus.compare('<cpu/>'),
  virConnectCompareHypervisorCPU: (_, connection) => connection.cpus.compareHypervisor('<cpu/>'),
  virConnectBaselineHypervisorCPU: (_, connection) =>
    connection.cpus.baselineHypervisor(['<cpu/>']),
  virNodeGetMemoryStats: (_, connection) => connection.node.memoryStats(),
  virNodeAllocPages: (_, connection) => connection.node.allocatePages(2048, 1),
  virNodeGetSEVInfo: (_, connection) => connection.node.sevInfo(),
  virNodeGetMemoryParameters: (_, connection) => connection.node.memoryParameters(),
  virNodeSetMemoryParameters: (_, connection) =>
    connection.node.setMemoryParameters({ pagesToScan: 100 }),
  virNodeSuspendForDuration: (_, connection) => connection.node.suspend('mem', 60),
  virConnectDomainQemuMonitorEventRegister: (_, connection) =>
    connection.watchQmp(null, () => undefined),
};

/** What the driver of a later libvirt can do, but not with these devices: its code for that. */
const impossible: Readonly<Record<string, readonly [Call, string]>> = {
  virDomainAttachDeviceFlags: [(domain) => domain.attachDevice('<disk/>'), 'NO_TARGET'],
  virDomainDetachDeviceAlias: [
    (domain) => domain.detachDeviceByAlias('virtio-disk0'),
    'INTERNAL_ERROR',
  ],
};

t.test('what the driver cannot do says so, each call in its own name', async (t) => {
  const { connection, domain } = await openFullDomain(t);
  for (const [name, call] of Object.entries(unsupported)) {
    const error = await call(domain, connection).catch((reason: unknown) => reason);
    t.match(error, { name: 'LibvirtError', code: 'NO_SUPPORT', call: name }, name);
  }
  const cannot = isOld(await libvirtVersion());
  for (const [name, [call, later]] of Object.entries(impossible)) {
    const error = await call(domain, connection).catch((reason: unknown) => reason);
    const code = cannot ? 'NO_SUPPORT' : later;
    t.match(error, { name: 'LibvirtError', code, call: name }, name);
  }
});

t.test('a call whose signal was aborted is not made, whichever it is', async (t) => {
  const { connection, domain } = await openFullDomain(t);
  const reason = new Error('enough');
  const signal = AbortSignal.abort(reason);
  await t.rejects(domain.disk('vda').info({ signal }), reason);
  await t.rejects(domain.cpus.list({ signal }), reason);
  await t.rejects(domain.tuning.scheduler({ signal }), reason);
  await t.rejects(domain.guest.hostname({ signal }), reason);
  await t.rejects(domain.snapshots.list({ signal }), reason);
  await t.rejects(domain.memory.stats({ signal }), reason);
  await t.rejects(domain.consoles.screenshot(0, { signal }), reason);
  await t.rejects(connection.node.info({ signal }), reason);
  await t.rejects(connection.domainStats({ signal }), reason);
});

t.test('what libvirt refuses for its arguments came to the right function', async (t) => {
  const { connection, domain } = await openFullDomain(t);
  await t.rejects(
    domain.migration.toUri('test:///default', { bandwidthMibPerSecond: 5 }),
    withCall('virDomainMigrateToURI3'),
  );
  await using other = await connect(testUri);
  await t.rejects(
    other.migrateHere(domain, { bandwidthMibPerSecond: 5 }),
    withCall('virDomainMigrate3'),
  );
  await t.rejects(domain.start({ files: [file] }), withCall('virDomainCreateWithFiles'));
  await t.rejects(
    connection.createDomain('<no/>', { files: [file] }),
    withCall('virDomainCreateXMLWithFiles'),
  );
  await t.rejects(domain.security.launch(), withCall('virDomainGetLaunchSecurityInfo'));
  await t.rejects(
    domain.tuning.scheduler({ live: true }),
    withCall('virDomainGetSchedulerParametersFlags'),
  );
  await t.rejects(
    domain.tuning.setScheduler({ weight: 1 }, { live: true }),
    withCall('virDomainSetSchedulerParametersFlags'),
  );
  await t.rejects(domain.consoles.connectGraphics(file), withCall('virDomainOpenGraphics'));
  await t.rejects(connection.cpus.baseline(['<cpu/>']), withCall('virConnectBaselineCPU'));
});
