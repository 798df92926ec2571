import t from 'tap';
import { openFullDomain } from '../support/fullDomain.js';

t.test('the guest tells its name, its file systems and its time', async (t) => {
  const { domain } = await openFullDomain(t);
  t.equal(await domain.guest.hostname(), 'fullhost');
  const [root] = await domain.guest.fileSystems();
  t.same(root, { mountPoint: '/', name: 'vda1', type: 'ext4', devices: ['vda'] });
  t.ok((await domain.guest.time()).getTime() > 0);
  await domain.guest.setTime(new Date(1_500_000_000_500));
  t.equal((await domain.guest.time()).getTime(), 1_500_000_000_500);
});

t.test('file systems are frozen, thawed and trimmed', async (t) => {
  const { domain } = await openFullDomain(t);
  t.equal(await domain.guest.freeze(['/boot']), 1);
  t.equal(await domain.guest.freeze(), 1, 'the other one');
  t.equal(await domain.guest.thaw(), 2);
  await domain.guest.trim({ minimumBytes: 4096, mountPoint: '/' });
  await t.rejects(domain.guest.freeze('/' as never), { name: 'TypeError', message: /mountPoints/ });
});

t.test('a password is set', async (t) => {
  const { domain } = await openFullDomain(t);
  await domain.guest.setPassword('root', 'secret');
  await domain.guest.setPassword('root', '$6$', { encrypted: true });
});
