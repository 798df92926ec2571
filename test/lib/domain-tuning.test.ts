import t from 'tap';
import { openFullDomain } from '../support/fullDomain.js';

t.test('memory limits are typed objects', async (t) => {
  const { domain } = await openFullDomain(t);
  await domain.tuning.setMemory({ hardLimitKib: 2_097_152, softLimitKib: 1_000 });
  const limits = await domain.tuning.memory();
  t.match(limits, { hardLimitKib: 2_097_152, softLimitKib: 1_000 });
  t.equal(limits.swapHardLimitKib, Number.MAX_SAFE_INTEGER, 'no limit');
});

t.test('block I/O, NUMA and performance counters', async (t) => {
  const { domain } = await openFullDomain(t);
  await domain.tuning.setBlkio({ weight: 500 });
  t.equal((await domain.tuning.blkio()).weight, 500);
  await domain.tuning.setNuma({ nodeset: '0' });
  t.same(await domain.tuning.numa(), { nodeset: '0', mode: 0 });
  await domain.tuning.setPerfEvents({ cmt: true });
  t.match(await domain.tuning.perfEvents(), { cmt: true, mbmt: false });
});

t.test('the scheduler', async (t) => {
  const { domain } = await openFullDomain(t);
  t.equal(await domain.tuning.schedulerType(), 'fair');
  t.same(await domain.tuning.scheduler(), { weight: 50 });
  await domain.tuning.setScheduler({ weight: 7 });
});

t.test('a parameter that does not exist, or has another type, is refused', async (t) => {
  const { domain } = await openFullDomain(t);
  await t.rejects(domain.tuning.setMemory({ hardLimit: 1 } as never), {
    name: 'RangeError',
    message: /hardLimitKib.*not hardLimit$/,
  });
  await t.rejects(domain.tuning.setMemory({ hardLimitKib: 'much' } as never), {
    name: 'TypeError',
    message: /hard_limit must be a number/,
  });
  await t.rejects(domain.tuning.setMemory({ hardLimitKib: -1 }), RangeError);
  await t.rejects(domain.tuning.setNuma({ nodeset: 3 } as never), TypeError);
  await t.rejects(domain.tuning.setPerfEvents({ cmt: 1 } as never), TypeError);
});
