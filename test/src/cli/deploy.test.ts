import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { readPackage } from '../../../src/cli/package.js';
import { configuration, FakeService, notFound } from './fakeService.js';
import { runCli } from './runCli.js';

const functionsPath = '/2015-03-31/functions';
const runtimes = [{ name: 'nodejs20.x' }, { name: 'python3.13' }, { name: 'provided' }];
const host = { 'GET /v1/host': { body: { runtimes } } };
const absent = (name: string) => ({
  [`GET ${functionsPath}/${name}/configuration`]: notFound('Function not found'),
});

t.test('a new function gets what its files call for', async (t) => {
  const directory = t.testdir({ tree: { 'index.mjs': 'export const handler = () => 1;' } });
  const tree = join(directory, 'tree');
  const service = await FakeService.open(t, {
    ...host,
    ...absent('tree'),
    [`POST ${functionsPath}`]: { status: 201, body: { ...configuration, FunctionName: 'tree' } },
  });
  t.match(await runCli(['deploy', tree], service), {
    code: 0,
    stdout: 'created tree: nodejs20.x, index.handler, 128 MiB, timeout 3 s, code 321 bytes\n',
    stderr: '',
  });
  t.same(service.sent(`POST ${functionsPath}`), {
    FunctionName: 'tree',
    Code: { ZipFile: (await readPackage(tree)).zip.toString('base64') },
    Runtime: 'nodejs20.x',
    Handler: 'index.handler',
    Role: 'arn:aws:iam::000000000000:role/ballast',
  });
});

t.test('options say the rest', async (t) => {
  const directory = t.testdir({ bootstrap: '#!/bin/sh' });
  chmodSync(join(directory, 'bootstrap'), 0o755);
  const zip = join(directory, 'made.zip');
  writeFileSync(zip, (await readPackage(directory)).zip);
  const service = await FakeService.open(t, {
    ...host,
    ...absent('my-fn'),
    [`POST ${functionsPath}`]: { status: 201, body: configuration },
  });
  const settings = ['--memory', '256', '--timeout', '9', '--ephemeral', '600', '--role', 'arn:r'];
  const words = [
    '--env',
    'A=1=2',
    '--env',
    'B=',
    '--description',
    'words',
    '--snap-start',
    '--json',
  ];
  const args = ['deploy', zip, '--name', 'my-fn', ...settings, ...words];
  const { code, stdout } = await runCli(args, service);
  t.equal(code, 0);
  t.same(JSON.parse(stdout), configuration);
  t.match(service.sent(`POST ${functionsPath}`), {
    FunctionName: 'my-fn',
    Runtime: 'provided',
    Handler: 'bootstrap',
    MemorySize: 256,
    Timeout: 9,
    EphemeralStorage: { Size: 600 },
    Environment: { Variables: { A: '1=2', B: '' } },
    Description: 'words',
    Role: 'arn:r',
    SnapStart: { ApplyOn: 'PublishedVersions' },
  });
});

t.test('a version is published, and waited for', async (t) => {
  const directory = t.testdir({ 'index.js': '' });
  const args = ['deploy', directory, '--name', 'hello', '--publish'];
  const code = `PUT ${functionsPath}/hello/code`;
  const version = `GET ${functionsPath}/hello/configuration?Qualifier=3`;
  const pending = { ...configuration, Version: '3', State: 'Pending' };
  const known = {
    [`GET ${functionsPath}/hello/configuration`]: { body: configuration },
    [code]: { body: pending },
  };

  await t.test('until it can be invoked', async (t) => {
    const states = ['Pending', 'Active'];
    const service = await FakeService.open(t, {
      ...known,
      [version]: () => ({ body: { ...pending, State: states.shift() ?? 'Active' } }),
    });
    t.match(await runCli(args, service), {
      code: 0,
      stdout: 'updated hello and published version 3: nodejs20.x, index.handler, 128 MiB',
    });
    t.match(service.sent(code), { Publish: true });
    t.equal(service.lines.filter((line) => line === version).length, 2);
  });

  await t.test('or until it is known why not', async (t) => {
    const failed = { ...pending, State: 'Failed', StateReason: 'Error:\nno module.' };
    const service = await FakeService.open(t, { ...known, [version]: { body: failed } });
    t.same(await runCli(args, service), {
      code: 1,
      stdout: '',
      stderr: 'ballast: Version 3 of hello cannot be invoked: Error: no module.\n',
    });
  });

  await t.test('also of a new function', async (t) => {
    const create = `POST ${functionsPath}`;
    const service = await FakeService.open(t, {
      ...host,
      ...absent('hello'),
      [create]: { status: 201, body: { ...configuration, Version: '1' } },
    });
    t.match(await runCli(args, service), { stdout: /^created hello and published version 1: / });
    t.match(service.sent(create), { Publish: true });
  });
});

t.test('a known function is updated', async (t) => {
  const directory = t.testdir({ 'index.js': '' });
  const known = { [`GET ${functionsPath}/fn/configuration`]: { body: configuration } };
  const code = `PUT ${functionsPath}/fn/code`;
  const change = `PUT ${functionsPath}/fn/configuration`;
  const args = ['deploy', directory, '--name', 'fn'];

  await t.test('in its code alone where nothing else is given', async (t) => {
    const service = await FakeService.open(t, { ...known, [code]: { body: configuration } });
    t.match(await runCli(args, service), { code: 0, stdout: /^updated hello: / });
    t.same(service.lines, [`GET ${functionsPath}/fn/configuration`, code]);
    t.same(Object.keys(service.sent(code) as object), ['ZipFile']);
  });

  await t.test('in what is given, before its code', async (t) => {
    const ok = { body: configuration };
    const service = await FakeService.open(t, { ...known, [change]: ok, [code]: ok });
    t.equal((await runCli([...args, '--timeout', '7'], service)).code, 0);
    t.same(service.lines.slice(1), [change, code]);
    t.same(service.sent(change), { Timeout: 7 });
    await runCli([...args, '--no-snap-start'], service);
    const { body } = service.requests.filter(({ line }) => line === change)[1] ?? {};
    t.same(JSON.parse(String(body)), { SnapStart: { ApplyOn: 'None' } });
  });

  await t.test('and it is said where only half of it worked', async (t) => {
    const refused = { status: 502, body: { Type: 'User', message: 'The zip is broken.' } };
    const ok = { body: configuration };
    const service = await FakeService.open(t, { ...known, [change]: ok, [code]: refused });
    t.match(await runCli([...args, '--timeout', '7'], service), {
      code: 1,
      stderr:
        'ballast: The configuration of fn was updated, its code was not: The zip is broken.\n',
    });
  });
});

t.test('what makes no sense is refused with one line', async (t) => {
  const directory = t.testdir({
    tree: { 'index.js': '' },
    'a name': { 'index.js': '' },
    other: { 'main.go': '' },
    empty: {},
    'corrupt.zip': 'no zip',
  });
  const service = await FakeService.open(t, {
    ...host,
    ...absent('tree'),
    ...absent('other'),
    ...absent('corrupt'),
  });
  const cases = [
    { args: ['tree', '--env', 'A'], code: 2, message: /Allowed: KEY=VALUE/ },
    { args: ['tree', '--env', '=1'], code: 2, message: /Allowed: KEY=VALUE/ },
    { args: ['tree', '--env', 'A=1', '--env', 'A=2'], code: 2, message: /A is given twice/ },
    { args: ['tree', '--timeout', '901'], code: 2, message: /whole seconds from 1 to 900/ },
    { args: ['tree', '--ephemeral', '1'], code: 2, message: /whole MiB from 512 to 10240/ },
    { args: ['tree', '--memory', ''], code: 2, message: /whole MiB from 128 to 10240/ },
    { args: ['tree', '--name', 'a/b'], code: 2, message: /"a\/b" cannot name a function/ },
    { args: ['a name'], code: 2, message: /give --name/ },
    { args: ['other'], code: 2, message: /give --runtime and --handler/ },
    { args: ['empty'], code: 1, message: /holds no file/ },
    { args: ['corrupt.zip'], code: 1, message: /not a zip that can be read/ },
    { args: ['absent'], code: 1, message: /cannot be deployed: ENOENT/ },
  ];
  for (const { args, code, message } of cases) {
    const [path = '', ...rest] = args;
    const result = await runCli(['deploy', join(directory, path), ...rest], service);
    t.match(result, { code, stdout: '', stderr: message }, args.join(' '));
    t.match(result.stderr, /^ballast: [^\n]+\n$/);
  }
  t.notOk(
    service.lines.some((line) => !line.startsWith('GET ')),
    'nothing was changed',
  );
});
