import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import t from 'tap';
import { configuration, FakeService, receipt } from './fakeService.js';
import { RunningCli, runCli, socketPath } from './runCli.js';

/**
 * The service that the command starts, in a few lines. It is told its ways by the environment: the
 * functions it has, how many instances serve, and how it ends.
 */
const fakeService = `
import { unlinkSync } from 'node:fs';
import { createServer } from 'node:http';
const { BALLAST_LISTEN, FUNCTIONS, INSTANCES, FAIL, EXIT, RECEIPT } = process.env;
if (EXIT) process.exit(Number(EXIT));
const functions = FUNCTIONS ? FUNCTIONS.split(',').map((FunctionName) => ({ FunctionName })) : [];
const path = BALLAST_LISTEN.slice('unix:'.length);
const missing = { 'x-amzn-errortype': 'ResourceNotFoundException' };
let invocations = 0;
const answer = (line, request) => {
  if (line === 'GET /healthz') return [200, { status: 'ok' }];
  if (line === 'GET /v1/host') return [200, { runtimes: [{ name: 'nodejs20.x' }] }];
  if (line.startsWith('GET /2015-03-31/functions?')) return [200, { Functions: functions }];
  if (line.endsWith('/configuration')) return [404, {}, missing];
  if (line === 'POST /2015-03-31/functions') return [201, ${JSON.stringify(configuration)}];
  if (FAIL) return [500, { Type: 'Service', message: FAIL }];
  const requestedMib = Number(request.headers['x-ballast-memory-mib']);
  const instanceId = 'i-' + (invocations++ % Number(INSTANCES));
  const receipt = { ...JSON.parse(RECEIPT), requestedMib, instanceId };
  return [200, { sizeMib: requestedMib }, { 'x-ballast-receipt': JSON.stringify(receipt) }];
};
const server = createServer((request, response) => {
  request.resume().on('end', () => {
    const [status, body, headers] = answer(request.method + ' ' + request.url, request);
    response.writeHead(status, headers).end(JSON.stringify(body));
  });
});
let signals = 0;
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    process.stderr.write('got ' + signal + '\\n');
    signals += 1;
    // A second one that follows at once would be seen.
    if (signals === 1) setTimeout(() => process.exit(7), 300);
  });
}
process.on('exit', () => unlinkSync(path));
server.listen(path, () => process.stdout.write('listening\\n'));
`;

interface Test {
  testdir(): string;
  teardown(handler: () => unknown): unknown;
}

/** A checkout in which the compiled command finds that service beside it. */
function checkout(t: Test) {
  const root = t.testdir();
  mkdirSync(join(root, 'build/src'), { recursive: true });
  for (const room of ['cli', 'model']) {
    cpSync(resolve('build/src', room), join(root, 'build/src', room), { recursive: true });
  }
  for (const name of ['examples', 'node_modules', 'package.json']) {
    symlinkSync(resolve(name), join(root, name));
  }
  writeFileSync(join(root, 'build/src/main.js'), fakeService);
  const listen = `unix:${socketPath(t)}`;
  const env = { BALLAST_LISTEN: listen, INSTANCES: '1', RECEIPT: JSON.stringify(receipt) };
  return { program: join(root, 'build/src/cli/main.js'), env, listen };
}

t.test('signals reach the service once, and its exit code comes back', async (t) => {
  const { program, env } = checkout(t);
  const kinds = { SIGTERM: 'SIGTERM', SIGINT: 'SIGINT', SIGHUP: 'SIGTERM' } as const;
  for (const [sent, got] of Object.entries(kinds)) {
    const cli = new RunningCli(['serve'], { program, env });
    await cli.printed('listening\n');
    cli.child.kill(sent as keyof typeof kinds);
    t.same(await cli.finish(), { code: 7, stdout: 'listening\n', stderr: `got ${got}\n` }, sent);
  }
});

t.test('an interrupt from the terminal reaches the service once, too', async (t) => {
  const { program, env } = checkout(t);
  const cli = new RunningCli(['serve'], { program, env });
  await cli.printed('listening\n');
  cli.interrupt();
  t.same(await cli.finish(), { code: 7, stdout: 'listening\n', stderr: 'got SIGINT\n' });
});

t.test('a service that ends by itself ends the command', async (t) => {
  const { program, env } = checkout(t);
  for (const args of [['serve'], ['serve', '--demo']]) {
    t.match(await runCli(args, { program, env: { ...env, EXIT: '3' } }), { code: 3, stderr: '' });
  }
});

t.test('the demonstration', async (t) => {
  const { program, env, listen } = checkout(t);
  const demo = async (more: Readonly<Record<string, string>>, until: string) => {
    const cli = new RunningCli(['serve', '--demo'], { program, env: { ...env, ...more } });
    await cli.printed(until);
    cli.child.kill('SIGINT');
    const result = await cli.finish();
    t.equal(result.code, 7);
    return result;
  };
  const address = `The API is at ${listen}. Ctrl-C stops the service.\n`;

  const { stdout } = await demo({}, address);
  t.match(stdout, 'Deployed hello from examples/hello.');
  for (const size of [128, 512]) {
    t.match(stdout, `Invoking hello at ${size} MiB ...\n  answer   {"sizeMib":${size}}\n  receipt`);
  }
  t.match(stdout, `The same instance served both: i-0.\n\n${address}`);

  const known = await demo({ FUNCTIONS: 'other,hello' }, address);
  t.notMatch(known.stdout, 'Deployed');
  t.match(known.stdout, 'The same instance');

  const two = await demo({ INSTANCES: '2' }, address);
  t.match(two.stdout, 'Invoking hello at 512 MiB');
  t.notMatch(two.stdout, 'The same instance');

  const other = await demo({ FUNCTIONS: 'other' }, address);
  t.match(other.stdout, 'There are functions but no hello: the demonstration is left out.');
  t.notMatch(other.stdout, 'Invoking');
});

t.test('the demonstration for machines', async (t) => {
  const { program, env, listen } = checkout(t);
  const cli = new RunningCli(['serve', '--demo', '--json'], { program, env });
  await cli.printed('}\n');
  cli.child.kill('SIGTERM');
  const [, line = ''] = (await cli.finish()).stdout.split('\n');
  t.match(JSON.parse(line), {
    endpoint: listen,
    instanceId: 'i-0',
    invocations: [
      { payload: { sizeMib: 128 }, receipt: { requestedMib: 128 } },
      { payload: { sizeMib: 512 }, receipt: { requestedMib: 512 } },
    ],
  });
});

t.test('a demonstration that fails leaves the service to be looked into', async (t) => {
  const { program, env } = checkout(t);
  const cli = new RunningCli(['serve', '--demo'], { program, env: { ...env, FAIL: 'no\nluck' } });
  await cli.complained('failed');
  cli.child.kill('SIGTERM');
  t.match(await cli.finish(), {
    code: 7,
    stderr: 'ballast: The demonstration failed: no luck\ngot SIGTERM\n',
  });
});

t.test('an address that is taken is refused before anything starts', async (t) => {
  const { program } = checkout(t);
  const { port } = await FakeService.open(t, {});
  const env = { BALLAST_LISTEN: `127.0.0.1:${port}`, EXIT: '3' };
  t.match(await runCli(['serve', '--demo'], { program, env }), {
    code: 1,
    stderr: `ballast: A service answers at http://127.0.0.1:${port} already: stop it, or choose`,
  });
  t.match(await runCli(['serve', '--demo'], { program, env: { BALLAST_LISTEN: 'localhost:0' } }), {
    code: 2,
    stderr: /BALLAST_LISTEN must not leave it to chance/,
  });
});
