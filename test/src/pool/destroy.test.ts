import { mock } from 'node:test';
import t, { type Test } from 'tap';
import { type Connection, connect, type Domain, LibvirtError } from '../../../lib/index.js';
import { destroyDomain } from '../../../src/pool/destroy.js';
import { testDomainXml, testUri } from '../../support/testDriver.js';

/** A running domain of libvirt's test driver. */
async function openDomain(t: Test): Promise<{ connection: Connection; domain: Domain }> {
  const connection = await connect(testUri);
  t.teardown(() => connection.close());
  return { connection, domain: await connection.createDomain(testDomainXml('victim')) };
}

const refusal = () =>
  new LibvirtError('QEMU hangs', { code: 38, domain: 10, level: 2, call: 'virDomainDestroy' });

/** Has libvirt refuse so many times; tells how often it was asked. */
function refuse(domain: Domain, error: Error, times: number): () => number {
  const real = domain.destroy.bind(domain);
  const destroy = mock.method(domain, 'destroy', async () => {
    if (destroy.mock.callCount() < times) throw error;
    await real();
  });
  return () => destroy.mock.callCount();
}

t.test('a domain is ended, and its handle given up', async (t) => {
  const { connection, domain } = await openDomain(t);
  await destroyDomain(() => domain);
  await t.rejects(connection.lookupByName('victim'), { code: 'NO_DOMAIN' });
  await t.rejects(domain.state(), { code: 'CLOSED' });
});

t.test('one that has ended is as good as ended', async (t) => {
  const { connection, domain } = await openDomain(t);
  await (await connection.lookupByName('victim')).destroy();
  await destroyDomain(() => domain);
  await t.rejects(domain.state(), { code: 'CLOSED' });
  const off = await connection.defineDomain(testDomainXml('off'));
  await t.rejects(off.destroy(), { code: 'OPERATION_INVALID' });
  await destroyDomain(() => off);
  await t.rejects(off.state(), { code: 'CLOSED' });
});

t.test('what fails is tried again', async (t) => {
  const { connection, domain } = await openDomain(t);
  const tries = refuse(domain, refusal(), 2);
  await destroyDomain(() => domain);
  t.equal(tries(), 3);
  await t.rejects(connection.lookupByName('victim'), { code: 'NO_DOMAIN' });
});

t.test('what survives three tries is an error, and can be tried later', async (t) => {
  const { connection, domain } = await openDomain(t);
  const error = refusal();
  const tries = refuse(domain, error, 3);
  t.equal(await destroyDomain(() => domain).catch((caught: unknown) => caught), error);
  t.equal(tries(), 3);
  await destroyDomain(() => domain);
  await t.rejects(connection.lookupByName('victim'), { code: 'NO_DOMAIN' });
});
