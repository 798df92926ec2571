import t from 'tap';
import { connect, LibvirtError } from '../../lib/index.js';
import { isOld, libvirtVersion, testDomainXml, testUri, withCode } from '../support/testDriver.js';

t.test('a connection tells about its host', async (t) => {
  await using connection = await connect(testUri);
  t.equal(connection.uri, testUri);
  t.match((await connection.version()).libvirt, /^\d+\.\d+\.\d+$/);
  t.not(await connection.hostname(), '');
  t.match(await connection.capabilities(), '<capabilities>');
  if (isOld(await libvirtVersion())) {
    await t.rejects(connection.domainCapabilities(), withCode('NO_SUPPORT'));
  } else {
    t.match(await connection.domainCapabilities(), '<domainCapabilities>');
  }
  t.equal(await connection.isAlive(), true);
  t.equal(await connection.type(), 'TEST');
  t.equal(await connection.canonicalUri(), testUri);
  t.match(await connection.sysinfo(), '<sysinfo');
  t.equal(await connection.maxVcpus(), 32);
  t.equal(await connection.isEncrypted(), false);
  t.equal(await connection.isSecure(), true);
  t.ok((await connection.cpus.models('x86_64')).includes('qemu64'));
});

t.test('domains are found by name, by UUID and in lists', async (t) => {
  await using connection = await connect(testUri);
  await connection.defineDomain(testDomainXml('off'));
  const [first] = await connection.listDomains({ active: true });
  t.equal(first?.name, 'test');
  t.equal((await connection.lookupByUuid(first?.uuid ?? '')).name, 'test');
  const off = await connection.listDomains({ inactive: true });
  t.same(
    off.map(({ name }) => name),
    ['off'],
  );
  t.equal((await connection.listDomains()).length, 2);
  t.same(await connection.countDomains(), { active: 1, inactive: 1 });
  t.equal((await connection.lookupById((await first?.id()) ?? -1)).name, 'test');
  t.same(await connection.listDomains({ autostart: true }), []);
});

t.test('a read-only connection refuses changes', async (t) => {
  await using connection = await connect(testUri, { readOnly: true });
  await t.rejects(connection.createDomain(testDomainXml('x')), withCode('OPERATION_DENIED'));
  t.equal((await connection.lookupByName('test')).name, 'test');
});

t.test('what cannot be meant is refused before libvirt is called', async (t) => {
  await using connection = await connect(testUri);
  await t.rejects(connect(''), TypeError);
  await t.rejects(connect('nothing:///'), LibvirtError);
  await t.rejects(connection.lookupByName('a\0b'), TypeError);
  await t.rejects(connection.lookupByName(7 as never), TypeError);
  await t.rejects(
    connection.watch('lifecycles' as never, () => undefined),
    { name: 'RangeError', message: /lifecycle.*not lifecycles/ },
  );
  await t.rejects(connection.watch('lifecycle', 'listener' as never), TypeError);
  await t.rejects(
    connection.watch('lifecycle', () => undefined, { limit: -1 }),
    { name: 'RangeError', message: /limit.*-1/ },
  );
});
