import t from 'tap';
import { openFullDomain } from '../support/fullDomain.js';

t.test('vCPUs are counted, plugged and listed', async (t) => {
  const { domain } = await openFullDomain(t);
  t.equal(await domain.cpus.count(), 2);
  t.equal(await domain.cpus.count({ maximum: true, config: true }), 4);
  t.equal(await domain.cpus.max(), 4);
  await domain.cpus.setCount(3, { live: true });
  const vcpus = await domain.cpus.list();
  t.same(
    vcpus.map(({ number, state }) => `${number} ${state}`),
    ['0 running', '1 running', '2 running'],
  );
  t.type(vcpus[0]?.cpuTimeNs, 'bigint');
  await t.rejects(domain.cpus.setCount(99), { code: 'INVALID_ARG' });
});

t.test('vCPUs and the emulator are pinned to processors by their numbers', async (t) => {
  const { domain } = await openFullDomain(t);
  await domain.cpus.pin(0, [1, 2]);
  t.same((await domain.cpus.pins())[0], [1, 2]);
  t.same((await domain.cpus.list())[0]?.affinity, [1, 2]);
  await domain.cpus.pinEmulator([0, 7]);
  t.same(await domain.cpus.emulatorPin(), [0, 7]);
  await t.rejects(domain.cpus.pin(0, [-1]), { name: 'RangeError', message: /cpus.*-1/ });
  await t.rejects(domain.cpus.pin(0, ['1'] as never), TypeError);
  await t.rejects(domain.cpus.pin(0, 1 as never), { name: 'TypeError', message: /cpus.*array/ });
});

t.test('I/O threads come, are set and go', async (t) => {
  const { domain } = await openFullDomain(t);
  await domain.cpus.addIoThread(5);
  await domain.cpus.setIoThread(5, { pollGrow: 3 });
  await domain.cpus.pinIoThread(5, [1]);
  await domain.cpus.deleteIoThread(1);
  const threads = await domain.cpus.ioThreads();
  t.same(
    threads.map(({ id }) => id),
    [2, 5],
  );
  t.same(threads[1]?.affinity, [1]);
  await t.rejects(domain.cpus.setIoThread(5, { pollSpeed: 3 } as never), {
    name: 'RangeError',
    message: /pollGrow.*not pollSpeed/,
  });
});

t.test('processor time is told in all and by processor', async (t) => {
  const { domain } = await openFullDomain(t);
  t.ok(((await domain.cpus.stats()).cpuTime ?? 0) > 0);
  const cpus = await domain.cpus.statsByCpu();
  t.ok(cpus.length > 0);
  t.ok(cpus.every(({ vcpuTime }) => (vcpuTime ?? 0) > 0));
});
