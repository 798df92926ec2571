import t from 'tap';
import { functionEnvironment } from '../../../src/pool/environment.js';
import { functionRecord } from '../../support/functionRecord.js';

const identity = { region: 'eu-north-1', accountId: '123456789012' };

const environmentOf = (environment: Record<string, string>, requestedMib = 512) =>
  functionEnvironment(
    identity,
    functionRecord('hello', { environment }),
    'i-0123456789ab',
    requestedMib,
  );

t.test('a function finds what Lambda promises', async (t) => {
  const { AWS_LAMBDA_LOG_STREAM_NAME: stream, ...rest } = environmentOf({});
  t.same(rest, {
    AWS_REGION: 'eu-north-1',
    AWS_DEFAULT_REGION: 'eu-north-1',
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs20.x',
    AWS_LAMBDA_FUNCTION_NAME: 'hello',
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/hello',
  });
  t.match(stream, /^\d{4}\/\d\d\/\d\d\/\[\$LATEST\]i-0123456789ab$/);
});

t.test('the size is that of the request, not of the configuration', async (t) => {
  t.equal(environmentOf({}, 1769).AWS_LAMBDA_FUNCTION_MEMORY_SIZE, '1769');
});

t.test('its own variables reach it as they are', async (t) => {
  const own = { GREETING: 'dobrý den', EMPTY: '', TZ: 'Europe/Prague', PATH: '/opt/bin' };
  t.match(environmentOf(own), own);
});

t.test('its own variables override none that are reserved', async (t) => {
  const honest = environmentOf({});
  const lies = Object.fromEntries(Object.keys(honest).map((name) => [name, 'a lie']));
  t.same(environmentOf(lies), honest);
});

t.test('what only the guest knows is left to the guest', async (t) => {
  const names = ['_HANDLER', 'LAMBDA_TASK_ROOT', 'LAMBDA_RUNTIME_DIR', 'AWS_LAMBDA_RUNTIME_API'];
  const environment = environmentOf(Object.fromEntries(names.map((name) => [name, 'a lie'])));
  for (const name of names) t.notOk(name in environment, name);
});

t.test('what is initialised for a snapshot says so, and names no log', async (t) => {
  const published = functionRecord('hello', { version: '3', snapStart: 'PublishedVersions' });
  const restored = functionEnvironment(identity, published, 'i-1', 128, 'snap-start');
  t.match(restored, {
    AWS_LAMBDA_FUNCTION_VERSION: '3',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'snap-start',
  });
  const names = Object.keys(restored).filter((name) => name.startsWith('AWS_LAMBDA_LOG_'));
  t.same(names, [], 'an instance of the snapshot would write to the log of another');
  const booted = functionEnvironment(identity, published, 'i-1', 128);
  t.equal(booted.AWS_LAMBDA_INITIALIZATION_TYPE, 'on-demand', 'none waits to be restored');
  t.match(booted.AWS_LAMBDA_LOG_STREAM_NAME, /\[3\]i-1$/);
});
