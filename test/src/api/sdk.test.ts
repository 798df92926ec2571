/**
 * The official client against the listening service: what it sends, and what it makes of the
 * answers.
 */
import {
  CreateFunctionCommand,
  DeleteFunctionCommand,
  GetFunctionCommand,
  InvokeCommand,
  LambdaClient,
  ListVersionsByFunctionCommand,
  PreconditionFailedException,
  PublishVersionCommand,
  paginateListVersionsByFunction,
  ResourceConflictException,
  ResourceNotFoundException,
  SnapStartApplyOn,
  TooManyRequestsException,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionActiveV2,
  waitUntilPublishedVersionActive,
} from '@aws-sdk/client-lambda';
import t, { type Test } from 'tap';
import { listen } from '../../../src/api/index.js';
import { BallastError } from '../../../src/model/errors.js';
import { Gate } from '../../support/gate.js';
import { type Bench, helloZip, openBench, otherZip } from './harness.js';

const FunctionName = 'hello';

async function openClient(t: Test): Promise<{ bench: Bench; client: LambdaClient }> {
  const bench = await openBench(t);
  const client = new LambdaClient({
    endpoint: await listen(bench.app, { kind: 'tcp', host: '127.0.0.1', port: 0 }),
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    maxAttempts: 1,
  });
  t.teardown(() => client.destroy());
  return { bench, client };
}

const creation = () =>
  new CreateFunctionCommand({
    FunctionName,
    Runtime: 'nodejs20.x',
    Role: 'arn:aws:iam::000000000000:role/r',
    Handler: 'index.handler',
    Code: { ZipFile: helloZip },
  });

t.test('a function lives its life', async (t) => {
  const { client } = await openClient(t);
  const created = await client.send(creation());
  t.match(created, { FunctionName, MemorySize: 128, State: 'Active' });
  await waitUntilFunctionActiveV2({ client, maxWaitTime: 10 }, { FunctionName });
  const code = await client.send(
    new UpdateFunctionCodeCommand({ FunctionName, ZipFile: otherZip }),
  );
  t.not(code.CodeSha256, created.CodeSha256);
  const settings = { FunctionName, MemorySize: 512, Environment: { Variables: { STAGE: 'x' } } };
  await client.send(new UpdateFunctionConfigurationCommand(settings));
  const found = await client.send(new GetFunctionCommand({ FunctionName }));
  t.match(found.Configuration, settings);
  await client.send(new DeleteFunctionCommand({ FunctionName }));
  await t.rejects(client.send(new GetFunctionCommand({ FunctionName })), ResourceNotFoundException);
});

t.test('a version is published, waited for, invoked and deleted', async (t) => {
  const { bench, client } = await openClient(t);
  const gate = new Gate();
  bench.snapshots.answer = () => gate.wait();
  const { RevisionId } = await client.send(creation());
  const settings = { FunctionName, SnapStart: { ApplyOn: SnapStartApplyOn.PublishedVersions } };
  await client.send(new UpdateFunctionConfigurationCommand(settings));
  const stale = new PublishVersionCommand({ FunctionName, RevisionId });
  await t.rejects(client.send(stale), PreconditionFailedException);
  const one = await client.send(new PublishVersionCommand({ FunctionName, Description: 'one' }));
  t.match(one, { Version: '1', State: 'Pending', SnapStart: { OptimizationStatus: 'On' } });
  const invoke = () => client.send(new InvokeCommand({ FunctionName, Qualifier: '1' }));
  await t.rejects(invoke(), ResourceConflictException);
  const timing = { client, minDelay: 1, maxDelay: 1, maxWaitTime: 30 };
  const active = waitUntilPublishedVersionActive(timing, { FunctionName, Qualifier: '1' });
  gate.open();
  t.equal((await active).state, 'SUCCESS');
  t.equal((await invoke()).ExecutedVersion, '1');
  const Qualifier = '1';
  const found = await client.send(new GetFunctionCommand({ FunctionName, Qualifier }));
  t.match(found.Configuration, { State: 'Active', Description: 'one', Version: '1' });
  const versions: (string | undefined)[] = [];
  for await (const page of paginateListVersionsByFunction(
    { client, pageSize: 1 },
    { FunctionName },
  ))
    versions.push(...(page.Versions ?? []).map(({ Version }) => Version));
  t.same(versions, ['$LATEST', '1']);
  await client.send(new DeleteFunctionCommand({ FunctionName, Qualifier }));
  await t.rejects(invoke(), ResourceNotFoundException);
  const { Versions } = await client.send(new ListVersionsByFunctionCommand({ FunctionName }));
  t.equal(Versions?.length, 1);
});

t.test('waiting for a version that failed ends, too', async (t) => {
  const { bench, client } = await openClient(t);
  bench.snapshots.answer = async () => {
    throw new BallastError('VERSION_FAILED', 'It threw.');
  };
  const SnapStart = { ApplyOn: SnapStartApplyOn.PublishedVersions };
  await client.send(new CreateFunctionCommand({ ...creation().input, SnapStart, Publish: true }));
  const timing = { client, minDelay: 1, maxDelay: 1, maxWaitTime: 30 };
  const ended = waitUntilPublishedVersionActive(timing, { FunctionName, Qualifier: '1' });
  await t.rejects(ended, { message: /FAILURE/ });
});

t.test('an invocation carries its event, its log and its failure', async (t) => {
  const { bench, client } = await openClient(t);
  await client.send(creation());
  const Payload = '{"name":"you"}';
  const answer = await client.send(new InvokeCommand({ FunctionName, Payload, LogType: 'Tail' }));
  t.equal(answer.Payload?.transformToString(), Payload);
  t.equal(answer.FunctionError, undefined);
  t.match(Buffer.from(answer.LogResult ?? '', 'base64').toString(), /^START .*\nhello\nEND /);
  const { answer: ordinary } = bench.service;
  bench.service.answer = async (request) => ({
    ...(await ordinary(request)),
    failure: { kind: 'timeout' },
  });
  const failed = await client.send(new InvokeCommand({ FunctionName }));
  t.equal(failed.FunctionError, 'Unhandled');
  t.match(failed.Payload?.transformToString(), /Sandbox\.Timedout/);
});

t.test('a full queue is an exception that says when to come again', async (t) => {
  const { bench, client } = await openClient(t);
  await client.send(creation());
  bench.service.answer = async () => {
    throw new BallastError('QUEUE_FULL', 'Too many wait.', { retryAfterSeconds: 1 });
  };
  const error = await client.send(new InvokeCommand({ FunctionName })).catch((thrown) => thrown);
  t.ok(error instanceof TooManyRequestsException);
  t.match(error, { Reason: 'ConcurrentInvocationLimitExceeded', retryAfterSeconds: '1' });
});
