/** Each mechanism keeps the same promises to a function, and says what the host gets of it. */
import { readFile } from 'node:fs/promises';
import t, { type Test } from 'tap';
import { type Mechanism, mechanisms } from '../../src/memory/elastic.js';
import { type Live, openLive } from './live.js';

t.setTimeout(600_000);

const maxMib = 512;
/** A function of so few MiB would wait for its share of the processor most of the time. */
const cpuMillis = 1000;
const settings = { BALLAST_MAX_MEMORY_MIB: String(maxMib) };

const mergesPages = async () =>
  (await readFile('/sys/kernel/mm/ksm/run', 'utf8').catch(() => '0')).trim() === '1';

async function usesEachSize(t: Test, live: Live, mechanism: Mechanism): Promise<void> {
  let instanceId: string | undefined;
  for (const requestedMib of [256, maxMib, 301, 256]) {
    const touchMib = Math.floor(requestedMib * 0.9);
    const { functionError, body, receipt } = await live.invoke(
      'keep',
      { touchMib },
      { requestedMib, cpuMillis },
    );
    t.equal(functionError, null, JSON.stringify(body));
    const kept = { keptMib: 0, wholeMib: 0 };
    t.same(body, { ...kept, touchedPages: touchMib * 256, limitMib: requestedMib });
    t.match(receipt, { limitMib: requestedMib, pluggedMib: Math.ceil(requestedMib / 2) * 2 });
    if (receipt.start === 'warm') t.match(receipt.resize, { mechanism, state: 'settled' });
    instanceId ??= receipt.instanceId;
    t.equal(receipt.instanceId, instanceId, 'one and the same VM');
    const [instance] = await live.instances();
    const { residentMib, chargedMib } = instance ?? {};
    t.comment(`${mechanism} at ${requestedMib}: ${residentMib} resident, ${chargedMib} charged`);
    t.ok(Number(residentMib) <= Number(chargedMib), 'the host pays no more than the ledger says');
  }
}

/** Leaves the instance at 128 MiB, after it had touched all of the largest size. */
async function givesBack(t: Test, live: Live, mechanism: Mechanism): Promise<void> {
  await live.invoke('keep', { touchMib: 450 }, { requestedMib: maxMib, cpuMillis });
  const [full] = await live.instances();
  const path = `/v1/instances/${full?.instanceId}`;
  const claimed = await live.call('PUT', `${path}/memory`, { requestedMib: 128 });
  const returned = mechanism !== 'process' || (await mergesPages());
  t.match(claimed.body, { limitMib: 128, resize: { mechanism, settled: true, returned } });
  const { body: small } = await live.call('GET', path);
  t.match(small.resize, { requestedMib: 128, state: 'settled', pluggedMib: 128, limitMib: 128 });
  const freedMib = Number(full?.residentMib) - small.residentMib;
  const creditedMib = Number(full?.chargedMib) - small.chargedMib;
  t.comment(`${mechanism}: ${freedMib} MiB less resident, ${creditedMib} MiB credited`);
  if (mechanism !== 'process') {
    t.ok(freedMib > 250, `the host has ${freedMib} MiB back`);
    t.equal(creditedMib, maxMib - 128);
  } else if (!returned) {
    t.equal(creditedMib, 0, 'what the host did not get back stays charged');
  }
}

/** Memory in use survives every resize, and what does not fit is refused, not killed. */
async function keepsWhatIsUsed(t: Test, live: Live): Promise<void> {
  const mib = 150;
  const first = await live.invoke('keep', { mib }, { requestedMib: 300, cpuMillis });
  t.match(first, { functionError: null, body: { keptMib: 0 } });
  const { instanceId } = first.receipt;
  const path = `/v1/instances/${instanceId}`;
  for (const requestedMib of [maxMib, 200, 301]) {
    const next = await live.invoke('keep', {}, { requestedMib, cpuMillis });
    t.match(next, { functionError: null, receipt: { instanceId } });
    t.match(next.body, { keptMib: mib, wholeMib: mib, limitMib: requestedMib });
  }
  const refused = await live.call('PUT', `${path}/memory`, { requestedMib: 128 });
  t.equal(refused.status, 409);
  t.match(refused.body.error, { code: 'MEMORY_HELD', message: /holds 1[5-9]\d MiB in use/ });
  t.match((await live.call('GET', path)).body.resize, {
    requestedMib: 128,
    state: 'failed',
    limitMib: 301,
  });
  t.match((await live.invoke('keep', {}, { requestedMib: 301, cpuMillis })).body, {
    wholeMib: mib,
  });
}

for (const mechanism of mechanisms) {
  t.test(mechanism, async (t) => {
    const live = await openLive(t, { ...settings, BALLAST_MECHANISM: mechanism });
    const Runtime = await live.runtime('python');
    await live.deploy('keep', 'keep.py', { Runtime, Handler: 'keep.handler' });
    t.match((await live.call('GET', '/v1/host')).body, {
      mechanism: { name: mechanism, reason: `BALLAST_MECHANISM=${mechanism}` },
      maxMemoryMib: maxMib,
    });
    await t.test('a function can use nine tenths of each size', (t) =>
      usesEachSize(t, live, mechanism),
    );
    await t.test('what was claimed is the host’s, where it can be', (t) =>
      givesBack(t, live, mechanism),
    );
    await t.test('what a function uses is left to it', (t) => keepsWhatIsUsed(t, live));
  });
}
