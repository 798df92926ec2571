import t from 'tap';
import { openFullDomain } from '../support/fullDomain.js';

t.test('snapshots form a tree', async (t) => {
  const { snapshots } = (await openFullDomain(t)).domain;
  t.equal(await snapshots.current(), null);
  t.equal(await snapshots.create('<domainsnapshot><name>a</name></domainsnapshot>'), 'a');
  t.equal(await snapshots.create('<domainsnapshot><name>b</name></domainsnapshot>'), 'b');
  t.same((await snapshots.list()).sort(), ['a', 'b']);
  t.same(await snapshots.list({ roots: true }), ['a']);
  t.equal(await snapshots.count(), 2);
  t.equal(await snapshots.count({ roots: true }), 1);
  t.equal(await snapshots.countChildren('a'), 1);
  t.equal(await snapshots.countChildren('b'), 0);
  t.equal(await snapshots.current(), 'b');
  t.equal(await snapshots.isCurrent('a'), false);
  t.equal(await snapshots.hasMetadata('a'), true);
  t.equal(await snapshots.parent('b'), 'a');
  t.equal(await snapshots.parent('a'), null);
  t.same(await snapshots.children('a'), ['b']);
  t.match(await snapshots.xml('a'), '<state>running</state>');
});

t.test('a domain goes back to a snapshot, which can be deleted', async (t) => {
  const { domain } = await openFullDomain(t);
  await domain.snapshots.create('<domainsnapshot><name>a</name></domainsnapshot>');
  await domain.suspend();
  await domain.snapshots.revert('a');
  t.equal((await domain.state()).state, 'running');
  await domain.snapshots.delete('a', { children: true });
  t.same(await domain.snapshots.list(), []);
});

t.test('one that is missing is an error, not a lack of a parent', async (t) => {
  const { snapshots } = (await openFullDomain(t)).domain;
  await t.rejects(snapshots.parent('a'), {
    code: 'NO_DOMAIN_SNAPSHOT',
    call: 'virDomainSnapshotLookupByName',
  });
  await t.rejects(snapshots.xml('a\0b'), { name: 'TypeError', message: /name/ });
});

t.test('checkpoints follow one another', async (t) => {
  const { checkpoints } = (await openFullDomain(t)).domain;
  t.equal(await checkpoints.create('<domaincheckpoint><name>a</name></domaincheckpoint>'), 'a');
  t.equal(await checkpoints.create('<domaincheckpoint><name>b</name></domaincheckpoint>'), 'b');
  t.same((await checkpoints.list()).sort(), ['a', 'b']);
  t.equal(await checkpoints.parent('b'), 'a');
  t.equal(await checkpoints.parent('a'), null);
  t.same(await checkpoints.children('a'), ['b']);
  t.notMatch(await checkpoints.xml('a', { noDomain: true }), '<domain ');
  await checkpoints.delete('b');
  t.same(await checkpoints.list(), ['a']);
  await t.rejects(checkpoints.parent('z'), { code: 'NO_DOMAIN_CHECKPOINT' });
});
