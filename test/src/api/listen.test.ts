import { spawnSync } from 'node:child_process';
import { lstat, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { listen } from '../../../src/api/index.js';
import { openBench } from './harness.js';

/** Short: a socket's path has at most 107 bytes. */
const socketPath = async (t: Test): Promise<string> => {
  const directory = await mkdtemp(join(tmpdir(), 'ballast-'));
  t.teardown(() => rm(directory, { recursive: true }));
  return join(directory, 's');
};

const inUse = (shown: string) => ({
  code: 'BAD_CONFIGURATION',
  message: new RegExp(`BALLAST_LISTEN=${shown} is in use by another process\\. Stop that one`),
});

t.test('a port answers, and is refused to a second service', async (t) => {
  const [first, second] = [await openBench(t), await openBench(t)];
  const address = await listen(first.app, { kind: 'tcp', host: '127.0.0.1', port: 0 });
  t.equal((await fetch(`${address}/healthz`)).status, 200);
  const port = Number(new URL(address).port);
  const taken = { kind: 'tcp', host: '127.0.0.1', port } as const;
  await t.rejects(listen(second.app, taken), inUse(`127.0.0.1:${port}`));
  t.equal(first.logLines.filter((line) => line.includes('istening')).length, 0);
  t.equal(first.app.log.level, 'info');
});

t.test('a socket is for the service and its group, and goes with it', async (t) => {
  const { app } = await openBench(t);
  const path = await socketPath(t);
  t.equal(await listen(app, { kind: 'unix', path }), `unix:${path}`);
  t.equal((await stat(path)).mode & 0o777, 0o660);
  await app.close();
  await t.rejects(lstat(path), { code: 'ENOENT' });
});

t.test('a socket at which somebody answers is left alone', async (t) => {
  const [first, second] = [await openBench(t), await openBench(t)];
  const path = await socketPath(t);
  await listen(first.app, { kind: 'unix', path });
  await t.rejects(listen(second.app, { kind: 'unix', path }), inUse(`unix:${path}`));
  t.ok((await lstat(path)).isSocket());
});

t.test('a socket that a killed service left is replaced', async (t) => {
  const { app } = await openBench(t);
  const path = await socketPath(t);
  const dies = `require('net').createServer().listen(process.argv[1], () =>
    process.kill(process.pid, 'SIGKILL'))`;
  t.equal(spawnSync(process.execPath, ['-e', dies, path]).signal, 'SIGKILL');
  t.ok((await lstat(path)).isSocket());
  await listen(app, { kind: 'unix', path });
  t.equal((await stat(path)).mode & 0o777, 0o660);
});

t.test('a file that is no socket is not removed', async (t) => {
  const { app } = await openBench(t);
  const path = await socketPath(t);
  await writeFile(path, 'precious');
  await t.rejects(listen(app, { kind: 'unix', path }), inUse(`unix:${path}`));
  t.equal(await readFile(path, 'utf8'), 'precious');
});

t.test('an address that cannot be had', async (t) => {
  const { app } = await openBench(t);
  const path = join(await socketPath(t), 'none');
  await t.rejects(listen(app, { kind: 'unix', path }), {
    code: 'BAD_CONFIGURATION',
    message: /cannot be listened on: .*Choose another/,
  });
});
