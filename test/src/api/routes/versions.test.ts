import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import { BallastError } from '../../../../src/model/errors.js';
import { Gate } from '../../../support/gate.js';
import {
  creation,
  functionsPath,
  helloZip,
  isLambdaError,
  openBench,
  otherZip,
} from '../harness.js';

const path = `${functionsPath}/hello/versions`;
const arn = 'arn:aws:lambda:us-east-1:000000000000:function:hello';
const parameter = 'InvalidParameterValueException';
const snapStart = { SnapStart: { ApplyOn: 'PublishedVersions' } };
const ZipFile = otherZip.toString('base64');

t.test('a version is published, described, listed and invoked by its number', async (t) => {
  const { create, send, service } = await openBench(t);
  const latest = await create('hello', { Environment: { Variables: { STAGE: 'x' } } });
  const answer = await send(`POST ${path}`, { body: { Description: 'the first' } });
  t.equal(answer.statusCode, 201);
  const one = answer.json();
  const { RevisionId, LastModified } = one;
  const own = { FunctionArn: `${arn}:1`, Version: '1', Description: 'the first' };
  t.same(one, { ...latest, ...own, RevisionId, LastModified });
  t.not(RevisionId, latest.RevisionId);
  await send(`PUT ${functionsPath}/hello/code`, { body: { ZipFile } });
  for (const name of ['hello:1', 'hello?Qualifier=1', encodeURIComponent(`${arn}:1`)]) {
    t.same((await send(`GET ${functionsPath}/${name}`)).json().Configuration, one, name);
    const [plain = '', query = ''] = name.split('?');
    const configuration = await send(`GET ${functionsPath}/${plain}/configuration?${query}`);
    t.same(configuration.json(), one, name);
    service.invocations.length = 0;
    const invoked = await send(`POST ${functionsPath}/${plain}/invocations?${query}`);
    t.match([invoked.statusCode, invoked.headers], [200, { 'x-amz-executed-version': '1' }]);
    t.match(service.invocations, [
      { qualifier: '1', fn: { version: '1', revisionId: RevisionId } },
    ]);
  }
  const { Location } = (await send(`GET ${functionsPath}/hello:1`)).json().Code;
  t.same((await send(`GET ${new URL(Location).pathname}`)).rawPayload, helloZip);
  t.equal(
    (await send(`GET ${functionsPath}/hello:$LATEST`)).json().Configuration.Version,
    '$LATEST',
  );
  const listed = (await send(`GET ${path}/`)).json();
  t.match(listed.Versions, [{ FunctionArn: `${arn}:$LATEST`, Version: '$LATEST' }, one]);
  t.notOk('NextMarker' in listed);
});

t.test('a function is invoked unqualified, or as $LATEST, as the caller says', async (t) => {
  const { create, send, service } = await openBench(t);
  await create();
  await send(`POST ${functionsPath}/hello/invocations`);
  await send(`POST ${functionsPath}/hello:$LATEST/invocations`);
  t.same(
    service.invocations.map(({ qualifier }) => qualifier),
    [undefined, '$LATEST'],
  );
});

t.test('nothing at all, and the same again, publish one version', async (t) => {
  const { create, send } = await openBench(t);
  await create();
  const first = await send(`POST ${path}`);
  const again = await send(`POST ${path}`, { body: { Description: 'other words' } });
  t.same([again.statusCode, again.json()], [201, first.json()]);
});

t.test('conditions that do not hold publish nothing', async (t) => {
  const { create, send } = await openBench(t);
  const { RevisionId, CodeSha256 } = await create();
  const stale = await send(`POST ${path}`, { body: { RevisionId: 'old' } });
  isLambdaError(t, stale, [412, 'PreconditionFailedException', /RevisionId old is not/]);
  const other = await send(`POST ${path}`, { body: { CodeSha256: 'x' } });
  isLambdaError(t, other, [400, parameter, /CodeSHA256 \(x\) is different from current/]);
  const long = await send(`POST ${path}`, { body: { Description: 'x'.repeat(257) } });
  isLambdaError(t, long, [400, parameter, /Description is .*at most 256/]);
  const unknown = await send(`POST ${path}`, { body: { PublishTo: 'LATEST_PUBLISHED' } });
  isLambdaError(t, unknown, [400, parameter, /PublishTo is not supported/]);
  const nobody = await send(`POST ${functionsPath}/nobody/versions`);
  isLambdaError(t, nobody, [404, 'ResourceNotFoundException', /nobody/]);
  t.equal((await send(`GET ${path}`)).json().Versions.length, 1);
  const met = await send(`POST ${path}`, { body: { RevisionId, CodeSha256 } });
  t.equal(met.statusCode, 201);
});

t.test('a published version is not updated, and has no versions of its own', async (t) => {
  const { create, send, store } = await openBench(t);
  await create('hello', { Publish: true });
  const before = store.get('hello', '1');
  const refused = [
    await send(`PUT ${functionsPath}/hello:1/configuration`, { body: { Timeout: 9 } }),
    await send(`PUT ${functionsPath}/hello:1/code`, { body: { ZipFile } }),
    await send(`POST ${functionsPath}/hello:1/versions`),
    await send(`GET ${functionsPath}/hello:1/versions`),
  ];
  for (const answer of refused)
    isLambdaError(t, answer, [400, parameter, /hello:1.*never changes/]);
  t.same(store.get('hello', '1'), before);
});

t.test('publishing as part of a creation, or of an update of the code', async (t) => {
  const { create, send, service } = await openBench(t);
  const one = await create('hello', { Publish: true });
  t.match(one, { FunctionArn: arn, Version: '1', State: 'Active' });
  const code = `PUT ${functionsPath}/hello/code`;
  const dry = (await send(code, { body: { ZipFile, Publish: true, DryRun: true } })).json();
  t.equal(dry.Version, '$LATEST');
  service.retired.length = 0;
  const two = (await send(code, { body: { ZipFile, Publish: true } })).json();
  t.match(two, { FunctionArn: `${arn}:2`, Version: '2' });
  const latest = (await send(`GET ${functionsPath}/hello`)).json().Configuration;
  t.same(service.retired, [['hello', latest.RevisionId, '$LATEST']], 'no version is retired');
  t.equal((await send(`GET ${path}`)).json().Versions.length, 3);
});

t.test('one version is deleted, with its instances and its code', async (t) => {
  const { create, send, service } = await openBench(t);
  await create('hello', { Publish: true });
  await send(`PUT ${functionsPath}/hello/code`, { body: { ZipFile, Publish: true } });
  service.retired.length = 0;
  for (const name of ['hello:1', 'hello?Qualifier=2', 'hello:2', 'hello?Qualifier=77']) {
    t.equal((await send(`DELETE ${functionsPath}/${name}`)).statusCode, 204, name);
  }
  t.same(
    service.retired,
    ['1', '2', '2', '77'].map((version) => ['hello', null, version]),
  );
  const gone = await send(`GET ${functionsPath}/hello:1`);
  isLambdaError(t, gone, [404, 'ResourceNotFoundException', /^Function not found: hello:1\./]);
  for (const name of ['hello:$LATEST', 'hello?Qualifier=$LATEST']) {
    const refused = await send(`DELETE ${functionsPath}/${name}`);
    isLambdaError(t, refused, [400, parameter, /cannot be deleted without deleting the function/]);
  }
  const alias = await send(`DELETE ${functionsPath}/hello:prod`);
  isLambdaError(t, alias, [400, parameter, /Qualifier is 'prod'.*no aliases/]);
  const nobody = await send(`DELETE ${functionsPath}/nobody:1`);
  isLambdaError(t, nobody, [404, 'ResourceNotFoundException', /nobody/]);
  t.equal((await send(`DELETE ${functionsPath}/hello`)).statusCode, 204);
  t.equal((await send(`GET ${functionsPath}`)).json().Functions.length, 0);
});

t.test('versions, and all versions of all functions, come in pages', async (t) => {
  const { create, send } = await openBench(t);
  await create('hello', { Publish: true });
  await create('other');
  for (const Timeout of [4, 5, 6]) {
    await send(`PUT ${functionsPath}/hello/configuration`, { body: { Timeout } });
    await send(`POST ${path}`);
  }
  const pages = async (where: string, member: string) => {
    const found: string[][] = [];
    let marker = '';
    do {
      const page = (await send(`GET ${where}&Marker=${marker}`)).json();
      found.push(
        page[member].map((fn: { FunctionArn: string }) => fn.FunctionArn.slice(arn.length - 5)),
      );
      marker = page.NextMarker ?? '';
    } while (marker !== '');
    return found;
  };
  t.same(await pages(`${path}?MaxItems=2`, 'Versions'), [
    ['hello:$LATEST', 'hello:1'],
    ['hello:2', 'hello:3'],
    ['hello:4'],
  ]);
  t.same(await pages(`${functionsPath}?FunctionVersion=ALL&MaxItems=4`, 'Functions'), [
    ['hello:$LATEST', 'hello:1', 'hello:2', 'hello:3'],
    ['hello:4', 'other:$LATEST'],
  ]);
  const all = (await send(`GET ${functionsPath}`)).json().Functions;
  t.equal(all.length, 2, 'a function is one, as a rule');
  for (const query of ['MaxItems=0', 'Marker=*']) {
    const answer = await send(`GET ${path}?${query}`);
    isLambdaError(t, answer, [400, parameter, /MaxItems is|Marker is/], query);
  }
  const nobody = await send(`GET ${functionsPath}/nobody/versions`);
  isLambdaError(t, nobody, [404, 'ResourceNotFoundException', /nobody/]);
});

t.test('aliases are not offered', async (t) => {
  const { create, send } = await openBench(t);
  await create('hello', { Publish: true });
  const body = { Name: 'prod', FunctionVersion: '1' };
  const made = await send(`POST ${functionsPath}/hello/aliases`, { body });
  isLambdaError(t, made, [501, 'ServiceException', /does not offer this operation/]);
  const invoked = await send(`POST ${functionsPath}/hello:prod/invocations`);
  isLambdaError(t, invoked, [404, 'ResourceNotFoundException', /aliases are not supported/]);
});

t.test('a version with SnapStart is pending until its snapshot is there', async (t) => {
  const { create, send, service, snapshots } = await openBench(t);
  const gate = new Gate();
  snapshots.answer = () => gate.wait();
  const latest = await create('hello', snapStart);
  t.match(latest, { State: 'Active', SnapStart: { OptimizationStatus: 'Off' } });
  const one = (await send(`POST ${path}`)).json();
  t.match(one, { State: 'Pending', StateReasonCode: 'Creating' });
  t.same(one.SnapStart, { ApplyOn: 'PublishedVersions', OptimizationStatus: 'On' });
  await gate.arrival();
  for (const type of ['RequestResponse', 'DryRun']) {
    const headers = { 'x-amz-invocation-type': type };
    const early = await send(`POST ${functionsPath}/hello:1/invocations`, { headers });
    isLambdaError(t, early, [409, 'ResourceConflictException', /following state: Pending/]);
  }
  t.equal((await send(`POST ${functionsPath}/hello/invocations`)).statusCode, 200);
  t.equal((await send(`POST ${path}`)).json().State, 'Pending', 'the same version again');
  t.equal(snapshots.requested.length, 1);
  gate.open();
  await turn();
  const active = (await send(`GET ${functionsPath}/hello:1/configuration`)).json();
  t.equal(active.RevisionId, one.RevisionId);
  t.match(active, { State: 'Active', LastUpdateStatus: 'Successful' });
  t.notOk('StateReason' in active);
  t.equal((await send(`POST ${functionsPath}/hello:1/invocations`)).statusCode, 200);
  t.equal(service.invocations.length, 2);
});

t.test('a version that cannot be initialised says why, and is not invoked', async (t) => {
  const { create, send, snapshots, store } = await openBench(t);
  snapshots.answer = async () => {
    throw new BallastError('VERSION_FAILED', 'Error: no module of that name.');
  };
  await create('hello', { ...snapStart, Publish: true });
  await turn();
  const one = (await send(`GET ${functionsPath}/hello:1/configuration`)).json();
  t.match(one, { State: 'Failed', StateReasonCode: 'FunctionError', StateReason: /no module/ });
  const answer = await send(`POST ${functionsPath}/hello:1/invocations`);
  isLambdaError(t, answer, [409, 'ResourceConflictException', /state: Failed.*no module/]);
  snapshots.answer = async () => {};
  const two = await send(`PUT ${functionsPath}/hello/code`, { body: { ZipFile, Publish: true } });
  t.equal(two.json().Version, '2');
  await turn();
  t.same(store.get('hello', '2').state, { kind: 'active' });
});

t.test('SnapStart is set and taken back', async (t) => {
  const { send, create, snapshots } = await openBench(t);
  await create();
  const update = async (body: object) =>
    (await send(`PUT ${functionsPath}/hello/configuration`, { body })).json().SnapStart.ApplyOn;
  t.equal(await update(snapStart), 'PublishedVersions');
  t.equal(await update({ Timeout: 9 }), 'PublishedVersions', 'another update leaves it');
  t.equal(await update({ SnapStart: { ApplyOn: 'None' } }), 'None');
  t.equal((await send(`POST ${path}`)).json().State, 'Active');
  t.same(snapshots.requested, []);
  const body = creation('other', { SnapStart: { ApplyOn: 'None' } });
  t.equal((await send(`POST ${functionsPath}`, { body })).statusCode, 201);
});

t.test('an invocation of a version that is deleted meanwhile leaves no instance', async (t) => {
  const { create, send, service } = await openBench(t);
  await create('hello', { Publish: true });
  const { answer } = service;
  service.answer = async (request) => {
    await send(`DELETE ${functionsPath}/hello:1`);
    service.retired.length = 0;
    return answer(request);
  };
  t.equal((await send(`POST ${functionsPath}/hello:1/invocations`)).statusCode, 200);
  t.same(service.retired, [['hello', null, '1']]);
});
