/** Sizes up and down on one VM: what a function keeps in memory stays whole. */
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { openLive } from './live.js';

const smallest = 128;
const sizes = [smallest, 129, 256, 1000, 1769, 4096, 8192];
const live = await openLive(t, { BALLAST_MEMORY_MIB: '9600' });
const Runtime = await live.runtime('python');
// So that freed pieces go back to the system, as they would not from the middle of a heap.
const Environment = { Variables: { MALLOC_MMAP_THRESHOLD_: '65536' } };
await live.deploy('keep', 'keep.py', {
  Runtime,
  Handler: 'keep.handler',
  Environment,
  Timeout: 300,
});
await live.deploy('churn', 'churn.py', { Runtime, Handler: 'churn.handler', Timeout: 120 });

const kept = (sizeMib: number) => Math.floor(sizeMib * 0.9) - 8;

t.test('nine tenths are full and whole across every resize', async (t) => {
  let instanceId: string | undefined;
  /** At a size, with what was kept before; then as much is kept as fits there and at the next. */
  const step = async (requestedMib: number, beforeMib: number, mib: number) => {
    const { functionError, body, receipt } = await live.invoke(
      'keep',
      { mib },
      { requestedMib, cpuMillis: 2000 },
    );
    t.equal(functionError, null, JSON.stringify(body));
    t.match(body, { keptMib: beforeMib, wholeMib: beforeMib, limitMib: requestedMib });
    const { pluggedMib, limitMib, fromMib, resize } = receipt;
    t.equal(limitMib, requestedMib);
    t.ok(pluggedMib - requestedMib >= 0 && pluggedMib - requestedMib < 2, `${pluggedMib} plugged`);
    t.match(resize, { state: 'settled' });
    t.comment(`${fromMib} to ${requestedMib} MiB: ${resize.ms} ms`);
    instanceId ??= receipt.instanceId;
    t.equal(receipt.instanceId, instanceId, 'one and the same VM');
  };
  const up = sizes.map((size) => ({ size, mib: kept(size) }));
  const down = sizes
    .toReversed()
    .map((size, at, all) => ({ size, mib: kept(all[at + 1] ?? smallest) }));
  let beforeMib = 0;
  for (const { size, mib } of [...up, ...down]) {
    await step(size, beforeMib, mib);
    beforeMib = mib;
  }
});

t.test('memory is claimed from a function that runs, and that goes on', async (t) => {
  const running = live.invoke(
    'churn',
    { mib: 60, seconds: 8 },
    { requestedMib: 1024, cpuMillis: 1000 },
  );
  let instance = (await live.instances()).find((one) => one.functionName === 'churn');
  while (instance?.state !== 'busy' || instance.limitMib !== 1024) {
    await delay(20);
    instance = (await live.instances()).find((one) => one.functionName === 'churn');
  }
  const path = `/v1/instances/${instance.instanceId}/memory`;
  for (const requestedMib of [256, 2048, 200]) {
    const { status, body } = await live.call('PUT', path, { requestedMib });
    t.equal(status, 200, JSON.stringify(body));
    t.match(body, { limitMib: requestedMib, resize: { mechanism: 'virtio-mem' } });
  }
  const refused = await live.call('PUT', path, { requestedMib: 9000 });
  t.match(refused, { status: 503, body: { error: { code: 'BUDGET_EXHAUSTED' } } });
  const done = await running;
  t.match(done, { functionError: null, receipt: { requestedMib: 1024, limitMib: 200 } });
  t.ok((done.body as { rounds: number }).rounds > 0);
});
