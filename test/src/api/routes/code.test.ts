import t from 'tap';
import { limits } from '../../../../src/model/limits.js';
import { functionsPath, helloZip, isLambdaError, openBench, otherZip } from '../harness.js';

const path = `${functionsPath}/hello/code`;
const tooLarge = Buffer.alloc(limits.maxZipBytes + 1);
const ZipFile = otherZip.toString('base64');

t.test('new code replaces the old, and retires its instances', async (t) => {
  const { create, send, service, store } = await openBench(t);
  const before = await create();
  const after = (await send(`PUT ${path}`, { body: { ZipFile, Publish: false } })).json();
  t.not(after.CodeSha256, before.CodeSha256);
  t.same(service.retired, [['hello', after.RevisionId, '$LATEST']]);
  t.same(await store.readZip('hello'), otherZip);
});

t.test('DryRun, a stale RevisionId and bad zips change nothing', async (t) => {
  const { create, send, store } = await openBench(t);
  const before = await create();
  const dry = await send(`PUT ${path}`, { body: { ZipFile, DryRun: true } });
  t.same([dry.statusCode, dry.json()], [200, before]);
  const stale = await send(`PUT ${path}`, { body: { ZipFile, RevisionId: 'old' } });
  isLambdaError(t, stale, [412, 'PreconditionFailedException', /old/]);
  const bad = await send(`PUT ${path}`, { body: { ZipFile: 'AAAA' } });
  isLambdaError(t, bad, [400, 'InvalidParameterValueException', /Could not unzip/]);
  const large = await send(`PUT ${path}`, { body: { ZipFile: tooLarge.toString('base64') } });
  isLambdaError(t, large, [413, 'RequestTooLargeException', /52428801 bytes.*50 MiB/]);
  const text = await send(`PUT ${path}`, { body: { ZipFile: '!!!!' } });
  isLambdaError(t, text, [400, 'InvalidParameterValueException', /not base64/]);
  const elsewhere = await send(`PUT ${path}`, { body: { S3Bucket: 'b', S3Key: 'k' } });
  isLambdaError(t, elsewhere, [400, 'InvalidParameterValueException', /ZipFile|S3Bucket/]);
  t.same(await store.readZip('hello'), helloZip);
  t.equal(store.get('hello').revisionId, before.RevisionId);
});

t.test('the code of nobody', async (t) => {
  const { send } = await openBench(t);
  const answer = await send('GET /v1/functions/nobody/code');
  t.match([answer.statusCode, answer.json()], [404, { error: { code: 'FUNCTION_NOT_FOUND' } }]);
});
