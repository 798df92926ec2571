/** Published versions: what each of them runs, on which instances, and over a restart. */
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { functionsPath, openLive } from './live.js';

const live = await openLive(t);
const arn = 'arn:aws:lambda:us-east-1:000000000000:function:f';
const inStage = (stage: string) => ({ Environment: { Variables: { STAGE: stage } } });

await live.deploy('f', 'version.py', {
  Runtime: await live.runtime('python'),
  Handler: 'version.handler',
  ...inStage('first'),
});

const publish = async () => (await live.call('POST', `${functionsPath}/f/versions`)).body;
const update = (change: object) => live.call('PUT', `${functionsPath}/f/configuration`, change);
const versionsThatRun = async () =>
  (await live.servingInstances()).map(({ version }) => version).sort();

t.test('each version runs what it was published as, on an instance of its own', async (t) => {
  t.match(await publish(), { Version: '1', State: 'Active' });
  t.match(await live.invoke('f:1', {}), {
    body: { version: '1', arn: `${arn}:1`, stage: 'first', initialization: 'on-demand' },
    receipt: { start: live.coldStart },
    log: /^START RequestId: .* Version: 1\n/,
  });
  await update(inStage('second'));
  const latest = await live.invoke('f', {});
  t.match(latest, {
    body: { version: '$LATEST', arn, stage: 'second' },
    receipt: { start: live.coldStart },
  });
  const again = await live.invoke('f:1', {});
  t.match(again, {
    body: { stage: 'first', logStream: new RegExp(`\\[1\\]${again.receipt.instanceId}$`) },
    receipt: { start: 'warm' },
  });
  t.not(again.receipt.instanceId, latest.receipt.instanceId);
  t.same(await versionsThatRun(), ['$LATEST', '1']);
});

t.test(
  'an update ends the instances of $LATEST only, a deletion those of its version',
  async (t) => {
    await update({ ...inStage('third'), SnapStart: { ApplyOn: 'PublishedVersions' } });
    while ((await versionsThatRun()).length > 1) await delay(50);
    t.same(await versionsThatRun(), ['1']);
    await live.call('DELETE', `${functionsPath}/f:1`);
    while ((await versionsThatRun()).length > 0) await delay(50);
    t.equal((await live.invoke('f:1', {})).status, 404);
  },
);

t.test('a version is the same after a restart, and its number is not given again', async (t) => {
  const two = await publish();
  t.match(two, { Version: '2', SnapStart: { OptimizationStatus: 'On' } });
  await live.stop('SIGKILL');
  await live.start();
  const path = `${functionsPath}/f:2/configuration`;
  while ((await live.call('GET', path)).body.State === 'Pending') await delay(50);
  const found = (await live.call('GET', path)).body;
  t.match(found, { RevisionId: two.RevisionId, State: 'Active' });
  t.match(await live.invoke('f:2', {}), {
    body: { version: '2', stage: 'third', arn: `${arn}:2` },
  });
});
