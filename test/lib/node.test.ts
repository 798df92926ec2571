import t from 'tap';
import { connect } from '../../lib/index.js';
import { testUri } from '../support/testDriver.js';

t.test('the host tells of its processors and memory', async (t) => {
  await using connection = await connect(testUri);
  const { node } = connection;
  t.match(await node.info(), { model: 'i686', cpus: 16, nodes: 2, memoryKib: 3_145_728 });
  t.same(await node.cpuMap(), { cpus: 8, online: [0, 2, 4] });
  t.ok(((await node.cpuStats()).idle ?? 0) > 0);
  t.ok((await node.freeMemoryBytes()) > 0);
  t.same(await node.cellsFreeMemoryBytes({ cells: 2 }), [2_097_152, 4_194_304]);
  t.same(await node.securityModel(), { model: 'testSecurity', doi: '' });
});

t.test('what cannot be meant is refused', async (t) => {
  await using connection = await connect(testUri);
  await t.rejects(connection.node.cellsFreeMemoryBytes({ cells: 0 }), RangeError);
  await t.rejects(connection.node.cellsFreeMemoryBytes({ firstCell: 9 }), { code: 'INVALID_ARG' });
  await t.rejects(connection.node.suspend('coma' as never, 60), {
    name: 'RangeError',
    message: /mem, disk, hybrid, not coma/,
  });
});
