import t from 'tap';
import { connect } from '../../lib/index.js';
import { testDomainXml, testUri, withCode } from '../support/testDriver.js';

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

t.test('what the driver cannot do is an error, not silence', async (t) => {
  await using connection = await connect(testUri);
  const domain = await connection.lookupByName('test');
  await t.rejects(domain.qmp('query-status'), withCode('NO_SUPPORT'));
  await t.rejects(domain.updateDevice('<memory/>'), withCode('NO_SUPPORT'));
  await t.rejects(domain.qmp(''), { name: 'TypeError', message: /command.*""/ });
});
