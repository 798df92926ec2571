import t from 'tap';
import { openFullDomain } from '../support/fullDomain.js';

t.test('the statistics of all domains come in one call', async (t) => {
  const { connection, domain } = await openFullDomain(t);
  const records = await connection.domainStats();
  t.same(records.map((record) => record.domain.name).sort(), ['full', 'test']);
  t.equal(records.find((record) => record.domain.uuid === domain.uuid)?.stats.state?.state, 1);
});

t.test('filters and groups narrow them', async (t) => {
  const { connection } = await openFullDomain(t);
  t.same(await connection.domainStats({ inactive: true }), []);
  t.equal((await connection.domainStats({ groups: ['state', 'state'], running: true })).length, 2);
  t.same(await connection.domainStats({ domains: [] }), []);
  await t.rejects(connection.domainStats({ groups: ['memry' as never] }), {
    name: 'RangeError',
    message: /balloon.*not memry/,
  });
});
