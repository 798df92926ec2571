import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { configuration, FakeService, notFound, receipt } from './fakeService.js';
import { runCli } from './runCli.js';

const functionsPath = '/2015-03-31/functions';
const instance = {
  instanceId: 'i-1',
  state: 'hot',
  functionName: 'hello',
  version: '$LATEST',
  floorMib: 320,
  pluggedMib: 512,
  limitMib: 512,
  cpuMillis: 289,
  storageMib: 512,
  residentMib: null,
  idleMs: 2_500,
};

t.test('list', async (t) => {
  const service = await FakeService.open(t, {
    [`GET ${functionsPath}?MaxItems=50`]: {
      body: { Functions: [configuration], NextMarker: 'a&b' },
    },
    [`GET ${functionsPath}?MaxItems=50&Marker=a%26b`]: {
      body: { Functions: [{ ...configuration, FunctionName: 'other' }], NextMarker: null },
    },
  });
  const { env } = service;
  const { code, stdout, stderr } = await runCli(['list'], { env });
  t.same([code, stderr], [0, '']);
  const [title, first, second] = stdout.split('\n');
  t.match(title, /^NAME +RUNTIME +HANDLER +MIB +TIMEOUT S +CODE BYTES +MODIFIED$/);
  t.match(first, /^hello +nodejs20\.x +index\.handler +128 +3 +321 +2026/);
  t.match(second, /^other/);
  const { functions } = JSON.parse((await runCli(['list', '--json'], { env })).stdout);
  t.equal(functions.length, 2);
});

t.test('template', async (t) => {
  const ready = {
    of: 'provided',
    kind: 'runtime',
    state: 'ready',
    stage: null,
    error: null,
    key: '0'.repeat(32),
    memoryMib: 151,
    buildMs: 5_400,
    readyShells: 2,
  };
  const failed = { ...ready, of: 'python3.13', state: 'failed', error: 'the guest panicked' };
  const service = await FakeService.open(t, {
    'GET /v1/templates': { body: { templates: [ready, failed] } },
    'GET /v1/host': { body: { runtimes: [{ name: 'provided' }] } },
    'PUT /v1/templates/provided': { body: ready },
    'PUT /v1/templates/python3.13': {
      status: 500,
      body: { error: { code: 'TEMPLATE_FAILED', message: 'the guest panicked' } },
    },
  });
  const { env } = service;
  const list = await runCli(['template', 'list'], { env });
  t.match(list.stdout, /^provided +ready +151 +2 +5\.40? s/m);
  t.match(list.stdout, /^python3\.13 +failed .*the guest panicked/m);
  const all = await runCli(['template', 'build', '--json'], { env });
  t.same(JSON.parse(all.stdout), { templates: [ready] });
  const broken = await runCli(['template', 'build', 'python3.13'], { env });
  t.equal(broken.code, 1);
  t.match(broken.stderr, /the guest panicked/);
});

t.test('versions', async (t) => {
  const path = `GET ${functionsPath}/hello/versions`;
  const published = { ApplyOn: 'PublishedVersions', OptimizationStatus: 'On' };
  const one = { ...configuration, Version: '1', Description: 'the first', SnapStart: published };
  const service = await FakeService.open(t, {
    [`${path}?MaxItems=50`]: { body: { Versions: [configuration], NextMarker: 'a&b' } },
    [`${path}?MaxItems=50&Marker=a%26b`]: { body: { Versions: [one] } },
    [`GET ${functionsPath}/absent/versions?MaxItems=50`]: notFound('Function not found: absent'),
  });
  const { env } = service;
  const { code, stdout, stderr } = await runCli(['versions', 'hello'], { env });
  t.same([code, stderr], [0, '']);
  const [title, first, second] = stdout.split('\n');
  t.match(title, /^VERSION +STATE +SNAP START +RUNTIME +MIB .*DESCRIPTION$/);
  t.match(first, /^\$LATEST +Active +Off +nodejs20\.x +128 +3 +321 +2026[^ ]+$/);
  t.match(second, /^1 +Active +On +.* the first$/);
  const { versions } = JSON.parse((await runCli(['versions', 'hello', '--json'], { env })).stdout);
  t.same(versions, [configuration, one]);
  const missing = await runCli(['versions', 'absent'], { env });
  t.match(missing, { code: 1, stderr: 'ballast: Function not found: absent\n' });
});

t.test('nothing to list', async (t) => {
  const { env } = await FakeService.open(t, {
    [`GET ${functionsPath}?MaxItems=50`]: { body: { Functions: [] } },
    'GET /v1/instances': { body: { instances: [] } },
  });
  t.match(await runCli(['list'], { env }), { code: 0, stdout: /no functions/ });
  t.match(await runCli(['instances'], { env }), { code: 0, stdout: /no instances/ });
  t.equal((await runCli(['instances', '--json'], { env })).stdout, '{"instances":[]}\n');
});

t.test('delete', async (t) => {
  const service = await FakeService.open(t, {
    [`DELETE ${functionsPath}/hello`]: { status: 204, body: '' },
    [`DELETE ${functionsPath}/hello?Qualifier=3`]: { status: 204, body: '' },
    [`DELETE ${functionsPath}/absent%2F..`]: notFound('Function not found: absent/..'),
  });
  const { env } = service;
  t.match(await runCli(['delete', 'hello'], { env }), { code: 0, stdout: 'deleted hello\n' });
  const { stdout } = await runCli(['delete', 'hello', '--json'], { env });
  t.same(JSON.parse(stdout), { deleted: 'hello' });
  t.match(await runCli(['delete', 'hello', '--qualifier', '3'], { env }), {
    stdout: 'deleted hello:3\n',
  });
  t.same(await runCli(['delete', 'absent/..'], { env }), {
    code: 1,
    stdout: '',
    stderr: 'ballast: Function not found: absent/..\n',
  });
});

t.test('instances', async (t) => {
  const { env } = await FakeService.open(t, {
    'GET /v1/instances': { body: { instances: [instance] } },
  });
  const { code, stdout } = await runCli(['instances'], { env });
  t.equal(code, 0);
  t.match(stdout, /^i-1 +hot +hello +\$LATEST +320 +512 +512 +289 +512 +- +2$/m);
  const listed = JSON.parse((await runCli(['instances', '--json'], { env })).stdout);
  t.same(listed, { instances: [instance] });
});

t.test('resize', async (t) => {
  const resized = {
    instanceId: 'i-1',
    requestedMib: 512,
    fromMib: 128,
    pluggedMib: 512,
    limitMib: 512,
    resize: receipt.resize,
  };
  const message = 'i-2 holds 300 MiB;\n\u001b[31mit stands at 384 MiB.';
  const service = await FakeService.open(t, {
    'PUT /v1/instances/i-1/memory': { body: resized },
    'PUT /v1/instances/i-2/memory': { status: 409, body: { error: { code: 'HELD', message } } },
  });
  const { env } = service;
  t.match(await runCli(['resize', 'i-1', '512'], { env }), {
    code: 0,
    stdout: 'i-1: from 128 to 512 MiB by virtio-mem in 12.3 ms (plugged 512 MiB)\n',
  });
  t.same(service.sent('PUT /v1/instances/i-1/memory'), { requestedMib: 512 });
  const { stdout } = await runCli(['resize', 'i-1', '512', '--json'], { env });
  t.same(JSON.parse(stdout), resized);
  t.match(await runCli(['resize', 'i-2', '128'], { env }), {
    code: 1,
    stderr: 'ballast: i-2 holds 300 MiB; [31mit stands at 384 MiB.\n',
  });
  for (const size of ['0', '127', '10241', '-1', '1.5', 'abc', '']) {
    const { code, stderr } = await runCli(['resize', 'i-1', size], { env });
    t.equal(code, 2, size);
    t.match(stderr, `ballast: command-argument value '${size}' is invalid for argument 'MIB'.`);
    t.match(stderr, / Allowed: whole MiB from 128 to 10240\.\n$/);
  }
});

t.test('invoke', async (t) => {
  const path = `POST ${functionsPath}/hello/invocations`;
  const log = Buffer.from('START\nEND\n').toString('base64');
  const service = await FakeService.open(t, {
    [path]: ({ headers }) => ({
      headers: {
        'x-ballast-receipt': JSON.stringify(receipt),
        ...(headers['x-amz-log-type'] === 'Tail' ? { 'x-amz-log-result': log } : {}),
      },
      body: { answer: 1 },
    }),
  });
  const { env } = service;

  await t.test('prints the answer, and the receipt beside it', async (t) => {
    const { code, stdout, stderr } = await runCli(['invoke', 'hello'], { env });
    t.same([code, stdout], [0, '{"answer":1}\n']);
    t.match(stderr, /^warm start of i-1, 512 MiB .*\n$/);
    t.equal(service.requests.at(-1)?.body.toString(), '{}');
    t.notOk(service.requests.at(-1)?.headers['x-ballast-memory-mib']);
  });

  await t.test('sends size and payload, and shows the log', async (t) => {
    const args = ['invoke', 'hello', '--memory', '512', '--payload', '{"a":1}', '--log'];
    const { stdout, stderr } = await runCli(args, { env });
    t.equal(stdout, '{"answer":1}\n');
    t.match(stderr, /^START\nEND\nwarm start/);
    t.equal(service.requests.at(-1)?.headers['x-ballast-memory-mib'], '512');
    t.equal(service.requests.at(-1)?.body.toString(), '{"a":1}');
  });

  await t.test('leaves the size to what is known of the function', async (t) => {
    await runCli(['invoke', 'hello', '--memory', 'auto'], { env });
    t.equal(service.requests.at(-1)?.headers['x-ballast-memory-mib'], 'auto');
    const { code, stderr } = await runCli(['invoke', 'hello', '--memory', 'all'], { env });
    t.equal(code, 2);
    t.match(stderr, / Allowed: whole MiB from 128 to 10240, or auto\.\n$/);
  });

  await t.test('names the version that is asked for', async (t) => {
    const { stderr } = await runCli(['invoke', 'hello', '--qualifier', '$LATEST'], { env });
    t.match(stderr, /no route|418/);
    t.equal(service.lines.at(-1), `${path}?Qualifier=%24LATEST`);
  });

  await t.test('sends a share of the processor', async (t) => {
    await runCli(['invoke', 'hello', '--cpu-millis', '1500'], { env });
    t.equal(service.requests.at(-1)?.headers['x-ballast-cpu-millis'], '1500');
    for (const share of ['9', '6001', '1.5', 'all']) {
      const { code, stderr } = await runCli(['invoke', 'hello', '--cpu-millis', share], { env });
      t.equal(code, 2, share);
      t.match(stderr, / Allowed: whole thousandths of a vCPU from 10 to 6000\.\n$/);
    }
  });

  await t.test('reads the payload of a file or standard input', async (t) => {
    const file = join(t.testdir(), 'event.json');
    writeFileSync(file, '"from a file"');
    await runCli(['invoke', 'hello', '--payload-file', file], { env });
    t.equal(service.requests.at(-1)?.body.toString(), '"from a file"');
    await runCli(['invoke', 'hello', '--payload-file', '-'], { env, stdin: '[1]' });
    t.equal(service.requests.at(-1)?.body.toString(), '[1]');
  });

  await t.test('prints everything for machines', async (t) => {
    const { stdout, stderr } = await runCli(['invoke', 'hello', '--json'], { env });
    t.equal(stderr, '');
    t.same(JSON.parse(stdout), {
      statusCode: 200,
      functionError: null,
      payload: { answer: 1 },
      receipt,
      log: 'START\nEND\n',
    });
  });

  await t.test('refuses a payload that is none, before it calls', async (t) => {
    const asked = service.requests.length;
    const cases = [
      { args: ['--payload', '{'], message: /The payload is not JSON/ },
      { args: ['--payload', ''], message: /The payload is not JSON/ },
      { args: ['--payload-file', '/nowhere/event'], message: /cannot be read: ENOENT/ },
      { args: ['--payload-file', '-'], stdin: ' '.repeat(6 * 1024 * 1024 + 1), message: /6 MiB/ },
      { args: ['--payload', '1', '--payload-file', '-'], message: /cannot be used with/ },
    ];
    for (const { args, message, stdin = '' } of cases) {
      const result = await runCli(['invoke', 'hello', ...args], { env, stdin });
      t.match(result, { code: 2, stdout: '', stderr: message }, args.join(' '));
    }
    t.equal(service.requests.length, asked);
  });
});

t.test('invoke tells failures of functions from those of calls', async (t) => {
  const failed = { errorType: 'TypeError', errorMessage: 'bad\nword', stackTrace: [] };
  const { env } = await FakeService.open(t, {
    [`POST ${functionsPath}/hello/invocations`]: {
      headers: { 'x-amz-function-error': 'Unhandled', 'x-ballast-receipt': 'broken' },
      body: failed,
    },
    [`POST ${functionsPath}/text/invocations`]: {
      headers: { 'x-amz-function-error': 'Unhandled' },
      body: 'no JSON',
    },
    [`POST ${functionsPath}/busy/invocations`]: {
      status: 429,
      headers: { 'x-amzn-errortype': 'TooManyRequestsException', 'retry-after': '1' },
      body: { Type: 'User', message: 'The queue is full.' },
    },
  });
  t.same(await runCli(['invoke', 'hello'], { env }), {
    code: 1,
    stdout: `${JSON.stringify(failed)}\n`,
    stderr: 'ballast: hello failed: TypeError: bad word\n',
  });
  const machine = await runCli(['invoke', 'hello', '--json'], { env });
  t.equal(machine.code, 1);
  t.match(JSON.parse(machine.stdout), { functionError: 'Unhandled', payload: failed, log: null });
  t.match(await runCli(['invoke', 'text'], { env }), {
    code: 1,
    stdout: 'no JSON\n',
    stderr: 'ballast: text failed: Unhandled\n',
  });
  t.match(await runCli(['invoke', 'busy'], { env }), {
    code: 1,
    stdout: '',
    stderr: 'ballast: The queue is full.\n',
  });
});
