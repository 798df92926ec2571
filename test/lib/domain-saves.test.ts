import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { openFullDomain } from '../support/fullDomain.js';

t.test('a managed image is restored by the next start', async (t) => {
  const { domain } = await openFullDomain(t);
  t.equal(await domain.saves.hasManaged(), false);
  await domain.saves.managed();
  t.equal(await domain.saves.hasManaged(), true);
  t.equal((await domain.state()).state, 'shutoff');
  await domain.saves.removeManaged();
  t.equal(await domain.saves.hasManaged(), false);
});

t.test('the state goes to a file and back', async (t) => {
  const { connection, domain, xml } = await openFullDomain(t);
  const path = join(t.testdir({}), 'image');
  await domain.saves.toFile(path);
  t.equal((await domain.state()).state, 'shutoff');
  t.match(await connection.saveImageXml(path), '<name>full</name>');
  await connection.defineSaveImageXml(path, xml);
  await domain.undefine();
  await connection.restoreDomain(path);
  t.equal((await (await connection.lookupByName('full')).state()).state, 'running');
});

t.test('memory is dumped to a file', async (t) => {
  const { domain } = await openFullDomain(t);
  const path = join(t.testdir({}), 'core');
  await domain.saves.coreDump(path, { crash: true });
  t.ok(existsSync(path));
  await t.rejects(domain.saves.coreDump(path, { format: 'elf' as never }), {
    name: 'RangeError',
    message: /raw.*not elf/,
  });
});
