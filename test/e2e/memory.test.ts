/** A function has the memory that it asked for, and no more, at each size and after each resize. */
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { openLive } from './live.js';

const live = await openLive(t);
const charges = async () => (await live.call('GET', '/v1/host')).body.memory;
const { chargedMib: atFirstMib } = await charges();
live.defaults = { cpuMillis: 1000 };
await live.deploy('fill', 'fill.py', {
  Runtime: await live.runtime('python'),
  Handler: 'fill.handler',
});

let instanceId = '';

const instanceNow = async () =>
  (await live.instances()).find((instance) => instance.instanceId === instanceId);

t.test('nine tenths of each size can be used, on one and the same VM', async (t) => {
  for (const requestedMib of [128, 128, 512, 2048, 128]) {
    const mib = Math.floor(requestedMib * 0.9);
    const { functionError, body, receipt } = await live.invoke('fill', { mib }, { requestedMib });
    t.equal(functionError, null, JSON.stringify(body));
    t.same(body, { touchedPages: mib * 256, limitMib: requestedMib });
    t.match(receipt, { requestedMib, limitMib: requestedMib, pluggedMib: requestedMib });
    const hasChanged = receipt.start === 'warm' && receipt.fromMib !== requestedMib;
    t.match(receipt.resize, { mechanism: hasChanged ? 'virtio-mem' : 'none', settled: true });
    t.ok(receipt.peakMib >= mib && receipt.peakMib <= requestedMib, `peak ${receipt.peakMib} MiB`);
    instanceId ||= receipt.instanceId;
    t.equal(receipt.instanceId, instanceId);
    const [instance] = await live.instances();
    const { chargedMib } = (await live.call('GET', '/v1/host')).body.memory;
    const residentMib = instance?.residentMib ?? Number.NaN;
    t.comment(`at ${requestedMib} MiB: ${residentMib} MiB resident, ${chargedMib} MiB charged`);
    t.ok(residentMib <= chargedMib, 'the host pays no more than the ledger says');
  }
});

t.test('an idle instance is resized by hand, and shows it', async (t) => {
  const path = `/v1/instances/${instanceId}`;
  const grown = await live.call('PUT', `${path}/memory`, { requestedMib: 300 });
  t.equal(grown.status, 200);
  t.match(grown.body, { fromMib: 128, limitMib: 300, pluggedMib: 300, resize: { settled: true } });
  t.match((await live.call('GET', path)).body, { state: 'hot', limitMib: 300, pluggedMib: 300 });
  const host = await live.call('GET', '/v1/host');
  t.ok(host.body.memory.chargedMib > 300);
});

t.test('one that is idle for long keeps its process, and gives its free memory back', async (t) => {
  await live.invoke('fill', { mib: 900 }, { requestedMib: 1024 });
  const before = await instanceNow();
  let now = before;
  // It stays hot for a minute, within which its calls have come so far.
  for (let tries = 0; now?.state !== 'deflated' && tries < 240; tries += 1) {
    await delay(500);
    now = await instanceNow();
  }
  t.equal(now?.state, 'deflated');
  t.ok((now?.pluggedMib ?? Number.NaN) < 64, `${now?.pluggedMib} MiB are plugged`);
  t.ok((now?.residentMib ?? 0) < (before?.residentMib ?? 0) - 800, 'the host has the rest');
  const next = await live.invoke('fill', { mib: 900 }, { requestedMib: 1024 });
  t.match(next, { functionError: null, receipt: { instanceId, start: 'warm', limitMib: 1024 } });
});

t.test('more than the size is the error for memory; a new instance serves the next', async (t) => {
  const beyond = await live.invoke('fill', { mib: 200 }, { requestedMib: 128 });
  t.match(beyond, {
    status: 200,
    functionError: 'Unhandled',
    body: { errorType: 'Runtime.OutOfMemory' },
    receipt: { instanceId, limitMib: 128 },
    log: /Status: error\tError Type: Runtime\.OutOfMemory\n$/,
  });
  const next = await live.invoke('fill', { mib: 64 }, { requestedMib: 128 });
  t.match(next, { functionError: null, body: { touchedPages: 64 * 256 } });
  t.not(next.receipt.instanceId, instanceId);
  t.same(
    (await live.servingInstances()).map((one) => one.instanceId),
    [next.receipt.instanceId],
  );
});

t.test('an instance is evicted by hand; the host has its memory back', async (t) => {
  const [instance] = await live.servingInstances();
  t.equal((await live.call('DELETE', `/v1/instances/${instance?.instanceId}`)).status, 204);
  t.same(await live.servingInstances(), []);
  while ((await live.instances()).length > 0) await delay(100);
  t.match(await charges(), { chargedMib: atFirstMib, reservedMib: 0 });
});
