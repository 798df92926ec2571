import t from 'tap';
import { rebuildError } from '../../lib/errors.js';
import { connect, LibvirtError } from '../../lib/index.js';
import { testDomainXml, testUri, withCode } from '../support/testDriver.js';

t.test('libvirt errors carry their names and the call', async (t) => {
  await using connection = await connect(testUri);
  const error = await connection.lookupByName('nobody').catch((reason: unknown) => reason);
  t.type(error, LibvirtError);
  t.match(error, {
    code: 'NO_DOMAIN',
    domain: 'TEST',
    level: 'ERROR',
    call: 'virDomainLookupByName',
  });
  await t.rejects(connection.createDomain('<no'), withCode('XML_DETAIL'));
});

t.test('errors of calls that fail side by side are not mixed up', async (t) => {
  await using connection = await connect(testUri);
  // libvirt's message names the unit that it does not know.
  const units = Array.from({ length: 200 }, (_, index) => `'unit-${index}'`);
  const results = await Promise.allSettled(
    units.map((unit) => connection.defineDomain(testDomainXml('x').replace("'KiB'", unit))),
  );
  const messages = results.map((result) =>
    result.status === 'rejected' ? String(result.reason.message) : 'found',
  );
  t.same(
    units.filter((unit, index) => !messages[index]?.includes(unit)),
    [],
  );
});

t.test('numbers that a newer libvirt added are given as digits', async (t) => {
  const newer = Object.assign(new Error('new'), { kind: 'libvirt', code: 9999, domain: 9998 });
  t.match(rebuildError(Object.assign(newer, { level: 2, call: 'virNew' })), {
    name: 'LibvirtError',
    code: '9999',
    domain: '9998',
    level: 'ERROR',
  });
});

t.test('errors that are not of the addon pass as they are', async (t) => {
  const other = new RangeError('mine');
  t.equal(rebuildError(other), other);
  t.equal(rebuildError('text'), 'text');
});
