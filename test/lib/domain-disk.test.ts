import t from 'tap';
import { openFullDomain } from '../support/fullDomain.js';

t.test('a disk tells its sizes and errors', async (t) => {
  const { domain } = await openFullDomain(t);
  const info = await domain.disk('vda').info();
  t.ok(info.capacityBytes > 0);
  t.ok(info.physicalBytes >= info.allocationBytes);
  t.same(await domain.diskErrors(), [{ disk: 'vda', error: 1 }]);
  await t.rejects(domain.disk('vdz').info(), { code: 'INVALID_ARG' });
});

t.test('its limits are typed objects', async (t) => {
  const { domain } = await openFullDomain(t);
  const disk = domain.disk('vda');
  await disk.setIoTune({ totalIops: 100, totalIopsMax: 200, groupName: 'slow' });
  t.match(await disk.ioTune(), { totalIops: 100, totalIopsMax: 200, groupName: 'slow' });
  await t.rejects(disk.setIoTune({ totalIops: 1.5 }), RangeError);
});
