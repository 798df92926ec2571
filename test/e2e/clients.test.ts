/** What people use to talk to the service: the `ballast` command and the official client. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import {
  CreateFunctionCommand,
  DeleteFunctionCommand,
  InvokeCommand,
  LambdaClient,
  ListFunctionsCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import t from 'tap';
import { runCli } from '../src/cli/runCli.js';
import { zipOf } from '../src/store/zips.js';
import { type Json, openLive } from './live.js';

const examples = new URL('../../../examples/', import.meta.url);
const live = await openLive(t);
const env = { BALLAST_ENDPOINT: live.endpoint };

/** Runs the command, and reads the JSON that it printed. */
async function ballast(...args: readonly string[]): Promise<Json> {
  const { code, stdout, stderr } = await runCli([...args, '--json'], { env });
  if (code !== 0) throw new Error(`ballast ${args.join(' ')} ended with ${code}: ${stderr}`);
  return JSON.parse(stdout);
}

const deployed = (example: string) =>
  ballast('deploy', fileURLToPath(new URL(example, examples)), '--timeout', '60');

t.test('the command, with a function of each kind of runtime', async (t) => {
  for (const [example, runtime] of [
    ['hello', /^nodejs/],
    ['python-hello', /^python/],
    ['provided-hello', /^provided/],
  ] as const) {
    t.match(await deployed(example), { FunctionName: example, Runtime: runtime });
    const event = ['--payload', '{"name":"you"}', '--memory', '256'];
    const { payload, receipt } = await ballast('invoke', example, ...event);
    t.match(JSON.stringify(payload), /you/);
    t.match(receipt, {
      functionName: example,
      requestedMib: 256,
      limitMib: 256,
      start: live.coldStart,
    });
  }
  const listed = await ballast('list');
  t.equal(listed.functions.length, 3);
});

t.test('the command, with instances', async (t) => {
  const { instances } = await ballast('instances');
  t.equal(instances.length, 3);
  const { instanceId, functionName } = instances[0];
  const resized = await ballast('resize', instanceId, '200');
  t.match(resized, { instanceId, limitMib: 200, resize: { settled: true } });
  await runCli(['delete', functionName], { env });
  t.notOk(
    (await live.servingInstances()).some((one) => one.instanceId === instanceId),
    'a deleted function keeps no idle instance',
  );
});

t.test('the official client', async (t) => {
  const client = new LambdaClient({
    endpoint: live.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    maxAttempts: 1,
  });
  t.teardown(() => client.destroy());
  const FunctionName = 'by-the-client';
  const bytes = await readFile(new URL('hello/index.mjs', examples));
  const creation = new CreateFunctionCommand({
    FunctionName,
    Runtime: (await live.runtime('nodejs')) as 'nodejs20.x',
    Role: 'arn:aws:iam::000000000000:role/any',
    Handler: 'index.handler',
    Timeout: 60,
    Code: { ZipFile: await zipOf([{ name: 'index.mjs', bytes }]) },
  });
  t.match(await client.send(creation), { FunctionName, State: 'Active' });
  const invocation = new InvokeCommand({ FunctionName, Payload: '{}', LogType: 'Tail' });
  const invoke = async () => {
    const { Payload, FunctionError, LogResult } = await client.send(invocation);
    t.equal(FunctionError, undefined);
    t.match(Buffer.from(LogResult ?? '', 'base64').toString(), /\nREPORT RequestId: /);
    return JSON.parse(Payload?.transformToString() ?? '');
  };
  t.match(await invoke(), { memoryMaxMib: 128, memoryLimitInMB: '128' });
  await client.send(new UpdateFunctionConfigurationCommand({ FunctionName, MemorySize: 384 }));
  t.match(await invoke(), { memoryMaxMib: 384, memoryLimitInMB: '384' });
  await client.send(new DeleteFunctionCommand({ FunctionName }));
  const { Functions } = await client.send(new ListFunctionsCommand({}));
  t.notOk(Functions?.some((one) => one.FunctionName === FunctionName));
});
