import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { openStateDirectory } from '../../src/stateDirectory.js';

const code = 'STATE_DIRECTORY';
const modeOf = (path: string): number => statSync(path).mode & 0o7777;

/** Another process that opens the directory and holds it, or says why it cannot. */
const holderCode = (path: string): string => `
  import { openStateDirectory } from ${JSON.stringify(
    new URL('../../src/stateDirectory.js', import.meta.url).href,
  )};
  process.stdin.resume();
  await openStateDirectory(${JSON.stringify(path)}).then(
    () => process.stdout.write('held'),
    (error) => process.stdout.write(error.code + ': ' + error.message),
  );`;
const nodeArguments = (path: string) => ['--input-type=module', '-e', holderCode(path)];

async function startHolder(t: Test, path: string): Promise<{ child: ChildProcess; said: string }> {
  const child = spawn(process.execPath, nodeArguments(path), {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  const [said] = await once(child.stdout, 'data');
  return { child, said: String(said) };
}

t.test('a directory is made with what lies above it, and QEMU may pass it', async (t) => {
  const path = join(t.testdir({}), 'a', 'state');
  const state = await openStateDirectory(path);
  t.teardown(state.release);
  t.equal(state.path, path);
  t.equal(state.imagesDir, join(path, 'images'));
  t.equal(state.instancesDir, join(path, 'instances'));
  t.equal(modeOf(path), 0o711);
  t.match(state.ownerId, /^[0-9a-f-]{36}$/);
  t.same(readdirSync(path), ['owner-id'], 'nothing else is made or left over');
});

t.test('a directory that is there keeps its mode', async (t) => {
  const path = t.testdir({});
  for (const mode of [0o700, 0o1770, 0o755]) {
    chmodSync(path, mode);
    (await openStateDirectory(path)).release();
    t.equal(modeOf(path), mode);
  }
});

t.test('the owner id stays the same for the life of the directory', async (t) => {
  const path = t.testdir({});
  const first = await openStateDirectory(path);
  first.release();
  const second = await openStateDirectory(path);
  second.release();
  t.equal(second.ownerId, first.ownerId);
  const other = await openStateDirectory(t.testdir({ other: {} }).concat('/other'));
  other.release();
  t.not(other.ownerId, first.ownerId);
});

t.test('one service at a time uses a directory, whatever its path is called', async (t) => {
  const dir = t.testdir({ state: {} });
  const path = join(dir, 'state');
  const held = await openStateDirectory(path);
  symlinkSync(path, join(dir, 'link'));
  for (const name of [path, join(dir, 'link'), `${path}/.`]) {
    await t.rejects(openStateDirectory(name), { code, message: /used by another running service/ });
  }
  held.release();
  (await openStateDirectory(join(dir, 'link'))).release();
});

t.test('another process is kept out until its holder ends, however that ends', async (t) => {
  const path = t.testdir({});
  const { child, said } = await startHolder(t, path);
  t.equal(said, 'held');
  await t.rejects(openStateDirectory(path), { code, message: new RegExp(`${path} is used by`) });
  child.kill('SIGKILL');
  await once(child, 'exit');
  const state = await openStateDirectory(path);
  const second = await startHolder(t, path);
  t.match(second.said, /^STATE_DIRECTORY: .*used by another running service/);
  state.release();
});

t.test('what cannot be written is refused, with its path and what to do', async (t) => {
  const dir = t.testdir({ file: 'mine' });
  const paths = [join(dir, 'file'), join(dir, 'file', 'state'), '/proc/ballast', '/proc/self'];
  for (const path of paths) {
    await t.rejects(openStateDirectory(path), { code, message: /BALLAST_STATE_DIR/ }, path);
    await t.rejects(openStateDirectory(path), { message: new RegExp(path) }, path);
  }
  await t.rejects(openStateDirectory(join(dir, 'file')), { message: /it is no directory/ });
  t.equal(readFileSync(join(dir, 'file'), 'utf8'), 'mine');
});

t.test('a failed opening does not keep the directory', async (t) => {
  const path = t.testdir({ 'owner-id': 'not a UUID' });
  await t.rejects(openStateDirectory(path), { code, message: /"not a UUID", not a UUID/ });
  writeFileSync(join(path, 'owner-id'), '6a1f0c1e-0a4b-4f0e-9b1a-3c5d7e9f0a2b\n');
  const state = await openStateDirectory(path);
  t.equal(state.ownerId, '6a1f0c1e-0a4b-4f0e-9b1a-3c5d7e9f0a2b');
  state.release();
});

t.test('an owner id that cannot be read is not replaced by another', async (t) => {
  const path = t.testdir({ 'owner-id': {} });
  await t.rejects(openStateDirectory(path), { code, message: /EISDIR/ });
});

t.test('a directory of somebody else is not taken over', async (t) => {
  for (const name of ['images', 'instances']) {
    const path = join(t.testdir({}), name);
    mkdirSync(join(path, name), { recursive: true });
    writeFileSync(join(path, name, 'holiday.jpg'), '');
    await t.rejects(openStateDirectory(path), {
      code,
      message: new RegExp(`holds ${name}, which`),
    });
    t.notOk(existsSync(join(path, 'owner-id')));
    t.ok(existsSync(join(path, name, 'holiday.jpg')));
  }
});

const mayMount = (() => {
  try {
    execFileSync('unshare', ['--mount', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();
const skip = !mayMount && 'only root may mount';

t.test('a file system that is mounted read-only is refused', { skip }, async (t) => {
  const path = t.testdir({});
  const script = 'mount -t tmpfs -o ro none "$0" && exec "$@" </dev/null';
  const said = execFileSync(
    'unshare',
    ['--mount', 'sh', '-c', script, path, process.execPath, ...nodeArguments(path)],
    { encoding: 'utf8' },
  );
  t.match(said, /^STATE_DIRECTORY: .*EROFS.*BALLAST_STATE_DIR/);
});
