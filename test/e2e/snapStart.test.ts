/** Versions that start from a snapshot of their own initialisation. */
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { functionsPath, type Json, openLive } from './live.js';

const live = await openLive(t, { BALLAST_START: 'clone' });
const restored = 3;
const pollMs = 200;

/** Publishes a version, and waits until it is active or has failed. */
async function publish(name: string): Promise<Json> {
  const { body } = await live.call('POST', `${functionsPath}/${name}/versions`, {});
  for (;;) {
    const path = `${functionsPath}/${name}/configuration?Qualifier=${body.Version}`;
    const { body: now } = await live.call('GET', path);
    if (now.State !== 'Pending') return now;
    await delay(pollMs);
  }
}

async function deploy(name: string, file: string, language: string, variables = {}): Promise<void> {
  await live.deploy(name, file, {
    Runtime: await live.runtime(language),
    Handler: `${file.slice(0, file.indexOf('.'))}.handler`,
    MemorySize: 512,
    SnapStart: { ApplyOn: 'PublishedVersions' },
    Environment: { Variables: variables },
  });
}

for (const [file, language] of [
  ['snap.py', 'python'],
  ['snap.mjs', 'nodejs'],
] as const) {
  t.test(`each instance goes on from the snapshot, by itself: ${language}`, async (t) => {
    await deploy(language, file, language);
    const version = await publish(language);
    t.match(version, { State: 'Active', SnapStart: { OptimizationStatus: 'On' } });
    const seen = new Set<unknown>();
    const births = new Set<unknown>();
    for (let turn = 0; turn < restored; turn += 1) {
      const name = `${language}:${version.Version}`;
      const { body, receipt, log, functionError } = await live.invoke(name, {});
      t.equal(functionError, null);
      t.equal(receipt.start, 'clone');
      t.ok(Number(receipt.restoreMs) > 0, 'the receipt tells how long restoring took');
      t.match(log, /Restore Duration: [\d.]+ ms\tBilled Restore Duration: \d+ ms/);
      t.notMatch(log, /Init Duration/);
      const answer = body as Json;
      t.same(answer.events, ['init', 'before', 'after']);
      t.equal(answer.type, 'snap-start');
      births.add(answer.born);
      for (const number of [answer.random ?? answer.math, answer.uuid, answer.int ?? turn]) {
        t.notOk(seen.has(number), `${number} is new`);
        seen.add(number);
      }
      await live.call('DELETE', `/v1/instances/${receipt.instanceId}`);
    }
    t.equal(births.size, 1, 'it initialised once');
  });
}

t.test('its files, size and names are those of the restored instance', async (t) => {
  const { body, receipt } = await live.invoke('python:1', {}, { requestedMib: 768 });
  t.match(body, { held: true, memory: '768', version: '1' });
  t.match((body as Json).stream, new RegExp(receipt.instanceId));
  t.match(receipt, { limitMib: 768, pluggedMib: 768 });
  const again = await live.invoke('python:1', {}, { requestedMib: 256 });
  t.match(again.receipt, { start: 'warm', limitMib: 256, instanceId: receipt.instanceId });
});

t.test('a version that cannot initialise fails, and says why', async (t) => {
  await deploy('broken', 'snap.py', 'python', { FAIL_INIT: 'yes' });
  const version = await publish('broken');
  t.match(version, { State: 'Failed', StateReason: /ValueError.*it cannot initialise/ });
  const { status, body } = await live.invoke(`broken:${version.Version}`, {});
  t.equal(status, 409);
  t.match(body, { message: /it cannot initialise/ });
});

t.test('a hook that fails after the restore is the error of the invocation', async (t) => {
  await deploy('unhooked', 'snap.py', 'python', { FAIL_RESTORE: 'yes' });
  const version = await publish('unhooked');
  t.equal(version.State, 'Active');
  const { functionError, body } = await live.invoke(`unhooked:${version.Version}`, {});
  t.equal(functionError, 'Unhandled');
  t.match(body, { errorType: 'ValueError', errorMessage: 'it cannot be restored' });
});

t.test('a deleted version leaves no snapshot', async (t) => {
  const path = `${functionsPath}/nodejs?Qualifier=1`;
  t.equal((await live.call('DELETE', path)).status, 204);
  for (let tries = 0; tries < 50; tries += 1) {
    const { body } = await live.call('GET', '/v1/templates');
    if (!body.templates.some((one: Json) => one.of === 'nodejs:1')) return;
    await delay(pollMs);
  }
  t.fail('the template of nodejs:1 is still there');
});
