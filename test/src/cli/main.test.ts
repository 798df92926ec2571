import { execFileSync } from 'node:child_process';
import { createServer } from 'node:net';
import t from 'tap';
import { FakeService } from './fakeService.js';
import { RunningCli, runCli, socketPath } from './runCli.js';

const commands = ['serve', 'deploy', 'invoke', 'list', 'delete', 'instances', 'resize'];

t.test('help is there for everything', async (t) => {
  const { code, stdout, stderr } = await runCli(['--help']);
  t.same([code, stderr], [0, '']);
  for (const command of commands) {
    t.match(stdout, `  ${command} `);
    const help = await runCli([command, '--help']);
    t.match(help, { code: 0, stdout: `Usage: ballast ${command} ` });
    t.match(help.stdout, / --json /);
  }
  t.match(await runCli(['--version']), { code: 0, stdout: /^\d+\.\d+\.\d+\n$/ });
});

t.test('npx finds the command in the checkout', async (t) => {
  const env = { ...process.env, npm_config_cache: t.testdir(), npm_config_offline: 'true' };
  const help = execFileSync('npx', ['ballast', '--help'], {
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  t.match(help, 'Usage: ballast ');
});

t.test('usage errors are one line and exit code 2', async (t) => {
  const cases = {
    bogus: /unknown command 'bogus'/,
    'list --bogus': /unknown option '--bogus'/,
    'list extra': /too many arguments/,
    delete: /missing required argument 'NAME'/,
    'invoke f --memory': /argument missing/,
    'serve --json': /--json is for --demo/,
  };
  for (const [line, message] of Object.entries(cases)) {
    const { code, stdout, stderr } = await runCli(line.split(' '));
    t.same([code, stdout], [2, ''], line);
    t.match(stderr, /^ballast: [^\n]+\n$/);
    t.match(stderr, message);
  }
  t.match(await runCli([]), { code: 2, stdout: '', stderr: /^Usage: ballast / });
});

t.test('a service is reached over TCP or a unix socket', async (t) => {
  const routes = { 'GET /v1/instances': { body: { instances: [] } } };
  const path = socketPath(t);
  await FakeService.open(t, routes, path);
  const env = { BALLAST_ENDPOINT: `unix:${path}` };
  t.equal((await runCli(['instances', '--json'], { env })).stdout, '{"instances":[]}\n');
  t.match(await runCli(['list'], { env: { BALLAST_ENDPOINT: 'localhost' } }), {
    code: 2,
    stderr: 'ballast: BALLAST_ENDPOINT=localhost is not allowed: http://host:port, or unix:/',
  });
});

t.test('where no service answers, it is said how to start one', async (t) => {
  const endpoint = `unix:${socketPath(t)}`;
  const { code, stderr } = await runCli(['list'], { env: { BALLAST_ENDPOINT: endpoint } });
  t.equal(code, 1);
  t.match(
    stderr,
    `ballast: No service answers at ${endpoint} (ENOENT). Start it with \`make run\``,
  );
});

t.test('what is no answer of the service is reported as such', async (t) => {
  const service = await FakeService.open(t, {
    'GET /v1/instances': { body: '<html>\n' },
    'DELETE /2015-03-31/functions/hello': { status: 404, body: 'nothing here' },
  });
  t.match(await runCli(['instances'], service), {
    code: 1,
    stderr: 'ballast: The service answered 200 with what ballast does not say: <html>\n',
  });
  t.match(await runCli(['delete', 'hello'], service), {
    code: 1,
    stderr: 'ballast: The service answered 404 with what ballast does not say: nothing here\n',
  });
});

t.test('a connection that breaks is an error, not a stack', async (t) => {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{'));
  });
  const path = socketPath(t);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  t.teardown(() => server.close());
  const result = await runCli(['list'], { env: { BALLAST_ENDPOINT: `unix:${path}` } });
  t.match(result, { code: 1, stderr: /^ballast: The request to unix:.* failed: [^\n]+\n$/ });
});

t.test('a reader that has seen enough is no error', async (t) => {
  const text = 'x'.repeat(4 * 1024 * 1024);
  const { env } = await FakeService.open(t, {
    'POST /2015-03-31/functions/long/invocations': { body: text },
  });
  const cli = new RunningCli(['invoke', 'long'], { env });
  cli.child.stdout?.destroy();
  const { code, stderr } = await cli.finish();
  t.same([code, stderr], [0, '']);
});
