import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { latestVersion, type VersionName } from '../../../src/model/function.js';
import { openStore } from '../../../src/store/index.js';
import type { FunctionPage } from '../../../src/store/store.js';
import { recordSyncs } from '../../support/recordSyncs.js';
import { settingsOf } from './functionSettings.js';
import { zipOf } from './zips.js';

const zipA = await zipOf([{ name: 'index.mjs', bytes: 'a' }]);
const hello = { functionName: 'hello', version: latestVersion };
const zipB = await zipOf([{ name: 'index.mjs', bytes: 'b' }]);

t.test('a function comes back as it was created, also after a restart', async (t) => {
  const directory = t.testdir();
  const first = await openStore({ directory, now: () => new Date('2026-01-31T12:00:00Z') });
  const created = await first.create(settingsOf('hello'), zipA);
  t.equal(created.lastModified, '2026-01-31T12:00:00.000+0000');
  t.equal(created.version, '$LATEST');
  t.match(created.code, { sha256: /^[0-9a-f]{64}$/, zipBytes: zipA.length });
  t.same(first.get('hello'), created);
  first.close();
  const second = await openStore({ directory });
  t.teardown(() => second.close());
  t.same(second.get('hello'), created);
  t.same(await second.readZip('hello'), zipA);
});

t.test('the modes let QEMU reach an image, and nobody else a zip', async (t) => {
  const directory = t.testdir();
  const store = await openStore({ directory });
  t.teardown(() => store.close());
  const { code } = await store.create(settingsOf('hello'), zipA);
  t.equal((await stat(join(directory, 'code'))).mode & 0o777, 0o711);
  t.equal((await stat(join(directory, 'store'))).mode & 0o777, 0o700);
  t.equal((await stat(code.imagePath)).mode & 0o777, 0o644);
  t.equal((await stat(code.imagePath.replace('.erofs', '.zip'))).mode & 0o777, 0o600);
  t.equal((await stat(code.imagePath)).size % 4096, 0, 'whole blocks, as a disk needs');
});

t.test('code is on the disk before a function refers to it', async (t) => {
  const directory = t.testdir();
  const store = await openStore({ directory });
  t.teardown(() => store.close());
  const synced = await recordSyncs(t);
  await store.create(settingsOf('hello'), zipA);
  const names = synced.map((path) => relative(directory, path).replace(/build-[^/]+/, 'build'));
  t.same(names, ['code/.build/image', 'code/.build/zip', 'code']);
});

t.test('the runtimes of all functions are known, each once', async (t) => {
  const directory = t.testdir();
  const store = await openStore({ directory });
  t.same(store.runtimes(), []);
  await store.create({ ...settingsOf('a'), runtime: 'python3.11' }, zipA);
  await store.create({ ...settingsOf('b'), runtime: 'nodejs20.x' }, zipA);
  await store.create({ ...settingsOf('c'), runtime: 'python3.11' }, zipB);
  t.same([...store.runtimes()].sort(), ['nodejs20.x', 'python3.11']);
  await store.delete('b');
  store.close();
  const again = await openStore({ directory });
  t.teardown(() => again.close());
  t.same(again.runtimes(), ['python3.11']);
});

t.test('unknown and doubled names are errors of their kind', async (t) => {
  const store = await openStore({ directory: t.testdir() });
  t.teardown(() => store.close());
  t.throws(() => store.get('none'), { code: 'FUNCTION_NOT_FOUND', message: /none/ });
  t.throws(() => store.delete('none'), { code: 'FUNCTION_NOT_FOUND' });
  await t.rejects(store.updateCode('none', zipA), { code: 'FUNCTION_NOT_FOUND' });
  await store.create(settingsOf('hello'), zipA);
  await t.rejects(store.create(settingsOf('hello'), zipB), { code: 'FUNCTION_EXISTS' });
});

t.test('of two creates at once one wins', async (t) => {
  const directory = t.testdir();
  const store = await openStore({ directory });
  t.teardown(() => store.close());
  const outcomes = await Promise.allSettled([
    store.create(settingsOf('hello'), zipA),
    store.create(settingsOf('hello'), zipB),
  ]);
  t.equal(outcomes.filter((outcome) => outcome.status === 'fulfilled').length, 1);
  const kept = store.get('hello').code.sha256;
  t.same((await readdir(join(directory, 'code'))).sort(), [`${kept}.erofs`, `${kept}.zip`]);
});

t.test('pages follow each other in the order of names', async (t) => {
  const store = await openStore({ directory: t.testdir() });
  t.teardown(() => store.close());
  for (const name of ['c', 'a', 'e', 'b', 'd']) {
    await store.create(settingsOf(name), zipA);
  }
  const names: string[][] = [];
  let after: VersionName | null = null;
  do {
    const page: FunctionPage = store.list(after, 2);
    names.push(page.functions.map((fn) => fn.functionName));
    after = page.next;
  } while (after !== null);
  t.same(names, [['a', 'b'], ['c', 'd'], ['e']]);
});

t.test('updates change the revision, and a stale revision is refused', async (t) => {
  const store = await openStore({ directory: t.testdir() });
  t.teardown(() => store.close());
  const first = await store.create(settingsOf('hello'), zipA);
  const second = store.updateConfiguration('hello', (fn) => ({ ...fn, memoryMib: 512 }), {
    revisionId: first.revisionId,
  });
  t.equal(second.memoryMib, 512);
  t.not(second.revisionId, first.revisionId);
  t.same(second.code, first.code);
  const stale = { revisionId: first.revisionId };
  const mismatch = { code: 'REVISION_MISMATCH', message: new RegExp(second.revisionId) };
  t.throws(() => store.updateConfiguration('hello', (fn) => fn, stale), mismatch);
  await t.rejects(store.updateCode('hello', zipB, stale), mismatch);
  t.same(store.get('hello'), second);
});

t.test('changes of code and settings at once are both kept', async (t) => {
  const store = await openStore({ directory: t.testdir() });
  t.teardown(() => store.close());
  await store.create(settingsOf('hello'), zipA);
  const code = store.updateCode('hello', zipB);
  store.updateConfiguration('hello', (fn) => ({ ...fn, timeoutSeconds: 9 }));
  await code;
  t.equal(store.get('hello').timeoutSeconds, 9);
  t.same(await store.readZip('hello'), zipB);
});

t.test('a dry run checks the code and changes nothing', async (t) => {
  const directory = t.testdir();
  const store = await openStore({ directory });
  t.teardown(() => store.close());
  const created = await store.create(settingsOf('hello'), zipA);
  t.same(await store.updateCode('hello', zipB, { dryRun: true }), created);
  const bad = store.updateCode('hello', Buffer.from('no zip'), { dryRun: true });
  await t.rejects(bad, { code: 'INVALID_ZIP' });
  t.same(store.get('hello'), created);
  t.equal((await readdir(join(directory, 'code'))).length, 2);
});

t.test('code is shared, and removed with the last function that refers to it', async (t) => {
  const directory = t.testdir();
  const store = await openStore({ directory });
  t.teardown(() => store.close());
  const one = await store.create(settingsOf('one'), zipA);
  const before = await stat(one.code.imagePath);
  const two = await store.create(settingsOf('two'), zipA);
  t.equal(two.code.imagePath, one.code.imagePath);
  t.equal((await stat(two.code.imagePath)).ino, before.ino, 'the image was not made again');
  store.delete('one');
  await access(two.code.imagePath);
  await store.updateCode('two', zipB);
  await t.rejects(access(two.code.imagePath), { code: 'ENOENT' });
  store.delete('two');
  t.same(await readdir(join(directory, 'code')), []);
});

t.test('code that is being created is not removed by a delete beside it', async (t) => {
  const store = await openStore({ directory: t.testdir() });
  t.teardown(() => store.close());
  await store.create(settingsOf('old'), zipA);
  const creating = store.create(settingsOf('new'), zipA);
  store.delete('old');
  const { code } = await creating;
  await access(code.imagePath);
  t.same(await store.readZip('new'), zipA);
});

t.test('code in use outlives its function until the use ends', async (t) => {
  const store = await openStore({ directory: t.testdir() });
  t.teardown(() => store.close());
  const { code } = await store.create(settingsOf('hello'), zipA);
  await store.use(hello, async (fn) => {
    store.delete('hello');
    await access(fn.code.imagePath);
  });
  await t.rejects(access(code.imagePath), { code: 'ENOENT' });
});

t.test('a refused package leaves nothing behind', async (t) => {
  const directory = t.testdir();
  const store = await openStore({ directory });
  t.teardown(() => store.close());
  const refused = store.create(settingsOf('hello'), Buffer.from('PK no'));
  await t.rejects(refused, { code: 'INVALID_ZIP' });
  const tooLarge = store.create(settingsOf('hello'), Buffer.alloc(50 * 1024 * 1024 + 1));
  await t.rejects(tooLarge, { code: 'CODE_TOO_LARGE', message: /52428801/ });
  t.same(await readdir(join(directory, 'code')), []);
  t.same(store.list(null, 10).functions, []);
});

t.test('what a crash left behind is removed when the store is opened', async (t) => {
  const directory = t.testdir();
  const first = await openStore({ directory });
  const { code } = await first.create(settingsOf('hello'), zipA);
  first.close();
  const codeDirectory = join(directory, 'code');
  await mkdir(join(codeDirectory, '.build-1/task'), { recursive: true });
  await writeFile(join(codeDirectory, '.build-1/task/half'), 'x');
  await writeFile(join(codeDirectory, `${'0'.repeat(64)}.zip`), 'no function refers to it');
  const second = await openStore({ directory });
  t.teardown(() => second.close());
  const kept = [`${code.sha256}.erofs`, `${code.sha256}.zip`];
  t.same((await readdir(codeDirectory)).sort(), kept);
});

t.test('a state directory that cannot be used is an error that names it', async (t) => {
  const directory = t.testdir({ taken: 'a file' });
  await t.rejects(openStore({ directory: join(directory, 'taken') }), {
    code: 'STATE_DIRECTORY',
    message: new RegExp(`${join(directory, 'taken')}.*not a directory`),
  });
  await mkdir(join(directory, 'damaged/store'), { recursive: true });
  const path = join(directory, 'damaged/store/ballast.sqlite');
  await writeFile(path, 'this is no database, and long enough to be looked at as one'.repeat(9));
  await t.rejects(openStore({ directory: join(directory, 'damaged') }), {
    code: 'STATE_DIRECTORY',
    message: /damaged or is no database/,
  });
  t.match(await readFile(path, 'utf8'), /^this is no database/, 'and it is left as it was');
});

const asNobody = process.getuid?.() === 0 ? 'root may write anywhere' : false;

t.test('a directory without permission is named', { skip: asNobody }, async (t) => {
  const directory = t.testdir();
  await chmod(directory, 0o500);
  t.teardown(() => chmod(directory, 0o700));
  await t.rejects(openStore({ directory }), { code: 'STATE_DIRECTORY', message: /permission/ });
});

t.test('a code directory that stops taking files is named, and nothing is half done', async (t) => {
  const directory = t.testdir();
  const store = await openStore({ directory });
  t.teardown(() => store.close());
  await rm(join(directory, 'code'), { recursive: true });
  await writeFile(join(directory, 'code'), 'in the way');
  await t.rejects(store.create(settingsOf('hello'), zipA), {
    code: 'STATE_DIRECTORY',
    message: new RegExp(join(directory, 'code')),
  });
  t.throws(() => store.get('hello'), { code: 'FUNCTION_NOT_FOUND' });
});

const writer = fileURLToPath(new URL('./storeWriter.js', import.meta.url));

const startWriter = (directory: string): ChildProcess =>
  spawn(process.execPath, [writer, directory], { stdio: ['ignore', 'pipe', 'inherit'] });

t.test('a second service in the same directory is refused', async (t) => {
  const directory = t.testdir();
  const child = startWriter(directory);
  t.teardown(() => child.kill('SIGKILL'));
  await once(child.stdout ?? child, 'data');
  await t.rejects(openStore({ directory }), {
    code: 'STATE_DIRECTORY',
    message: /in use by another running service/,
  });
  child.kill('SIGKILL');
  await once(child, 'exit');
  (await openStore({ directory })).close();
});

t.test('everything acknowledged is there after a kill at any moment', async (t) => {
  const directory = t.testdir();
  const acknowledged = new Set<string>();
  for (const lines of [1, 5, 12]) {
    const child = startWriter(directory);
    t.teardown(() => child.kill('SIGKILL'));
    let seen = 0;
    let text = '';
    child.stdout?.on('data', (chunk) => {
      text += chunk;
      seen = text.split('\n').length - 1;
      if (seen >= lines) {
        child.kill('SIGKILL');
      }
    });
    await once(child, 'close');
    for (const name of text.split('\n').slice(0, -1)) {
      acknowledged.add(name);
    }
    t.ok(seen >= lines);
  }
  const store = await openStore({ directory });
  t.teardown(() => store.close());
  for (const name of acknowledged) {
    const fn = store.get(name);
    await access(fn.code.imagePath);
    t.ok((await store.readZip(name)).length > 0, name);
  }
  const referenced = store
    .list(null, 1000)
    .functions.flatMap(({ code }) => [`${code.sha256}.erofs`, `${code.sha256}.zip`]);
  t.same((await readdir(join(directory, 'code'))).sort(), [...new Set(referenced)].sort());
});
