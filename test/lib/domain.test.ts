import t from 'tap';
import { connect } from '../../lib/index.js';
import { openFullDomain } from '../support/fullDomain.js';
import { isOld, libvirtVersion, testDomainXml, testUri, withCode } from '../support/testDriver.js';

t.test('a domain lives: define, start, stop, undefine', async (t) => {
  await using connection = await connect(testUri);
  const domain = await connection.defineDomain(testDomainXml('life'));
  t.match(domain.uuid, /^[0-9a-f-]{36}$/);
  t.equal(await domain.id(), null);
  t.equal((await domain.state()).state, 'shutoff');
  t.equal(await domain.isPersistent(), true);
  await t.rejects(domain.start({ paused: true }), withCode('INVALID_ARG'));
  await domain.start();
  t.equal(typeof (await domain.id()), 'number');
  t.equal((await domain.info()).state, 'running');
  await domain.suspend();
  t.equal((await domain.state()).state, 'paused');
  await domain.resume();
  await domain.shutdown();
  t.equal((await domain.state()).state, 'shutoff');
  await t.rejects(domain.destroy(), withCode('OPERATION_INVALID'));
  await domain.undefine();
  await t.rejects(connection.lookupByName('life'), withCode('NO_DOMAIN'));
});

t.test('memory is set and reported in KiB', async (t) => {
  await using connection = await connect(testUri);
  const domain = await connection.lookupByName('test');
  await domain.setMemory(1_048_576, { live: true });
  t.equal((await domain.info()).memoryKib, 1_048_576);
  t.equal((await domain.memoryStats()).balloonKib, 1_048_576);
  await domain.suspend();
  await domain.destroy();
  await domain.setMemory(4_194_304, { config: true, maximum: true });
  t.equal((await domain.info()).maxMemoryKib, 4_194_304);
  for (const memoryKib of [-1, 1.5, Number.NaN, 2 ** 60]) {
    await t.rejects(domain.setMemory(memoryKib), {
      name: 'RangeError',
      message: new RegExp(`memoryKib .* not ${memoryKib}$`),
    });
  }
});

t.test('a domain tells about itself', async (t) => {
  const { domain } = await openFullDomain(t);
  t.equal(await domain.isActive(), true);
  t.equal(await domain.isUpdated(), false);
  t.same(await domain.controlInfo(), { state: 'ok', details: 0, stateMs: 0 });
  t.equal(await domain.osType(), 'linux');
  t.same(await domain.messages({ tainting: true }), []);
  t.equal(await domain.autostart(), false);
  await domain.setAutostart(true);
  t.equal(await domain.autostart(), true);
});

t.test('a running domain is restarted, poked and told what to do at its end', async (t) => {
  const { domain } = await openFullDomain(t);
  await domain.reset();
  await domain.reboot({ acpi: true });
  await domain.injectNmi();
  await domain.sendProcessSignal(1, 15);
  await domain.consoles.sendKey([28, 29], { codeset: 'xt', holdMs: 10 });
  await domain.setLifecycleAction('reboot', 'destroy');
  t.match(await domain.xml(), '<on_reboot>destroy</on_reboot>');
  await t.rejects(domain.setLifecycleAction('crash', 'explode' as never), {
    name: 'RangeError',
    message: /destroy, restart.*not explode/,
  });
  await t.rejects(domain.consoles.sendKey([28], { codeset: 'morse' as never }), RangeError);
});

t.test('a domain that is off takes another name', async (t) => {
  const { connection, domain } = await openFullDomain(t);
  await t.rejects(domain.rename('other'), withCode('OPERATION_INVALID'));
  t.equal(domain.name, 'full');
  await domain.destroy();
  await domain.rename('other');
  t.equal(domain.name, 'other');
  t.equal((await connection.lookupByName('other')).uuid, domain.uuid);
});

t.test('memory is looked into', async (t) => {
  const { memory } = (await openFullDomain(t)).domain;
  t.equal(await memory.maxKib(), 1_048_576);
  t.same([...(await memory.peek(3, 4))], [3, 4, 5, 6]);
  await memory.set(524_288, { live: true });
  t.equal((await memory.stats()).balloonKib, 524_288);
  await memory.setStatsPeriod(2);
  await memory.setMax(2_097_152, { config: true });
  t.same(await memory.devices(), []);
  await t.rejects(memory.peek(0, 2 ** 40), { name: 'RangeError', message: /sizeBytes/ });
  await t.rejects(memory.device('virtiomem0'), { name: 'RangeError', message: /\(none\)/ });
});

t.test('a picture of the screen comes as a stream', async (t) => {
  const { domain } = await openFullDomain(t);
  const { stream, type } = await domain.consoles.screenshot();
  t.equal(type, 'image/png');
  const chunks = await stream.toArray();
  t.match(Buffer.concat(chunks).subarray(1, 4).toString(), 'PNG');
});

t.test('what the driver cannot do is an error, not silence', async (t) => {
  await using connection = await connect(testUri);
  const domain = await connection.lookupByName('test');
  await t.rejects(domain.qmp('query-status'), withCode('NO_SUPPORT'));
  const code = isOld(await libvirtVersion()) ? 'NO_SUPPORT' : 'XML_ERROR';
  await t.rejects(domain.updateDevice('<memory/>'), withCode(code));
  await t.rejects(domain.qmp(''), { name: 'TypeError', message: /command.*""/ });
});
