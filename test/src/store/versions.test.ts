/** Published versions in the store. */
import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { openStore, type Store } from '../../../src/store/index.js';
import { settingsOf } from './functionSettings.js';
import { zipOf } from './zips.js';

const zipA = await zipOf([{ name: 'index.mjs', bytes: 'a' }]);
const zipB = await zipOf([{ name: 'index.mjs', bytes: 'b' }]);

async function open(t: Test, directory = t.testdir()): Promise<Store> {
  const store = await openStore({ directory });
  t.teardown(() => store.close());
  return store;
}

const versionsOf = (store: Store, name = 'hello') =>
  store.listVersions(name, null, 100).functions.map(({ version }) => version);

t.test('a version is what the function was, and stays so over a restart', async (t) => {
  const directory = t.testdir();
  const first = await openStore({ directory });
  const latest = await first.create(settingsOf('hello'), zipA);
  const published = first.publish('hello', { description: 'the first' });
  const { revisionId, lastModified } = published;
  t.same(published, {
    ...latest,
    version: '1',
    description: 'the first',
    revisionId,
    lastModified,
  });
  t.not(revisionId, latest.revisionId);
  t.same(first.get('hello'), latest, 'the function itself is as it was');
  first.updateConfiguration('hello', (fn) => ({
    ...fn,
    memoryMib: 512,
    environment: { STAGE: 'b' },
  }));
  await first.updateCode('hello', zipB);
  first.close();
  const second = await open(t, directory);
  t.same(second.get('hello', '1'), published);
  t.same(await second.readZip('hello', '1'), zipA);
  t.same(await second.readZip('hello'), zipB);
  t.equal(second.publish('hello').version, '2');
  t.same(versionsOf(second), ['$LATEST', '1', '2']);
});

t.test('what has not changed is not published again', async (t) => {
  const store = await open(t);
  await store.create(settingsOf('hello'), zipA);
  const one = store.publish('hello', { description: 'the first' });
  t.same(store.publish('hello', { description: 'another' }), one);
  const { memoryMib } = store.get('hello');
  store.updateConfiguration('hello', (fn) => ({ ...fn, memoryMib: 512 }));
  store.updateConfiguration('hello', (fn) => ({ ...fn, memoryMib }));
  await store.updateCode('hello', zipA);
  t.same(store.publish('hello'), one, 'an update to the same is no change');
  const changes: readonly object[] = [
    { memoryMib: 200 },
    { ephemeralMib: 600 },
    { timeoutSeconds: 9 },
    { handler: 'other.handler' },
    { runtime: 'python3.11' },
    { role: 'arn:other' },
    { description: 'of the function' },
    { environment: {} },
    { snapStart: 'PublishedVersions' },
  ];
  for (const [index, change] of changes.entries()) {
    store.updateConfiguration('hello', (fn) => ({ ...fn, ...change }));
    t.match(store.publish('hello'), { version: String(index + 2), ...change });
  }
  await store.updateCode('hello', zipB);
  t.equal(store.publish('hello').version, String(changes.length + 2));
});

t.test('the order in which variables are set is no change', async (t) => {
  const store = await open(t);
  await store.create({ ...settingsOf('hello'), environment: { A: '1', B: '2' } }, zipA);
  store.publish('hello');
  store.updateConfiguration('hello', (fn) => ({ ...fn, environment: { B: '2', A: '1' } }));
  t.equal(store.publish('hello').version, '1');
});

t.test('publishing can be part of a creation, or of an update of the code', async (t) => {
  const store = await open(t);
  const one = await store.create(settingsOf('hello'), zipA, { publish: true });
  t.equal(one.version, '1');
  t.same(await store.updateCode('hello', zipA, { publish: true }), one, 'nothing is new');
  const two = await store.updateCode('hello', zipB, { publish: true });
  t.equal(two.version, '2');
  const dry = await store.updateCode('hello', zipA, { publish: true, dryRun: true });
  t.equal(dry.version, '$LATEST');
  t.same(versionsOf(store), ['$LATEST', '1', '2']);
});

t.test('publishing on a condition that does not hold changes nothing', async (t) => {
  const store = await open(t);
  const { revisionId, code } = await store.create(settingsOf('hello'), zipA);
  const codeSha256 = Buffer.from(code.sha256, 'hex').toString('base64');
  t.throws(() => store.publish('hello', { revisionId: 'old' }), {
    code: 'REVISION_MISMATCH',
    message: new RegExp(`old.*${revisionId}`),
  });
  const other = { code: 'INVALID_PARAMETER', message: `CodeSHA256 (other) is different` };
  t.throws(() => store.publish('hello', { codeSha256: 'other' }), other);
  t.throws(() => store.publish('none'), { code: 'FUNCTION_NOT_FOUND' });
  t.same(versionsOf(store), ['$LATEST']);
  t.equal(store.publish('hello', { revisionId, codeSha256 }).version, '1');
  t.equal(store.get('hello').revisionId, revisionId, 'the function has not changed');
});

t.test('numbers are not given again while there is the function', async (t) => {
  const directory = t.testdir();
  const first = await openStore({ directory });
  await first.create(settingsOf('hello'), zipA, { publish: true });
  first.deleteVersion({ functionName: 'hello', version: '1' });
  first.close();
  const store = await open(t, directory);
  t.equal(store.publish('hello').version, '2', 'even of the same');
  store.deleteVersion({ functionName: 'hello', version: '2' });
  store.deleteVersion({ functionName: 'hello', version: '2' });
  for (const version of ['0', '01', '99', '9'.repeat(30), 'prod']) {
    store.deleteVersion({ functionName: 'hello', version });
  }
  t.same(versionsOf(store), ['$LATEST']);
  t.throws(() => store.deleteVersion({ functionName: 'none', version: '1' }), {
    code: 'FUNCTION_NOT_FOUND',
  });
  t.throws(() => store.deleteVersion({ functionName: 'hello', version: '$LATEST' }));
  store.delete('hello');
  await store.create(settingsOf('hello'), zipA);
  t.equal(store.publish('hello').version, '1', 'another function begins anew');
});

t.test('what names no version is not found, and it is said what there is', async (t) => {
  const store = await open(t);
  await store.create(settingsOf('hello'), zipA, { publish: true });
  for (const version of ['2', '0', '01', '1 ', '-1', '1e0', 'prod', '', '9'.repeat(30)]) {
    const expected = { code: 'FUNCTION_NOT_FOUND', message: /hello:.*List the versions of hello/ };
    t.throws(() => store.get('hello', version), expected, version);
  }
  t.throws(() => store.get('none', '1'), { message: /^Function not found: none\. / });
});

t.test('code goes with the last version that refers to it', async (t) => {
  const directory = t.testdir();
  const store = await open(t, directory);
  const one = await store.create(settingsOf('hello'), zipA, { publish: true });
  const two = await store.updateCode('hello', zipB, { publish: true });
  await access(one.code.imagePath);
  store.deleteVersion(one);
  await t.rejects(access(one.code.imagePath), { code: 'ENOENT' });
  store.deleteVersion(two);
  await access(two.code.imagePath);
  store.delete('hello');
  t.same(await readdir(join(directory, 'code')), []);
});

t.test('a function takes all its versions and their code along', async (t) => {
  const directory = t.testdir();
  const store = await open(t, directory);
  await store.create(settingsOf('hello'), zipA, { publish: true });
  await store.updateCode('hello', zipB, { publish: true });
  await store.create(settingsOf('hello-1'), zipB);
  store.delete('hello');
  t.equal(store.find('hello', '1'), null);
  t.throws(() => store.listVersions('hello', null, 10), { code: 'FUNCTION_NOT_FOUND' });
  t.equal((await readdir(join(directory, 'code'))).length, 2, 'what another function has stays');
});

t.test('lists go on where they stopped, by number and not by letter', async (t) => {
  const store = await open(t);
  for (const name of ['a', 'a-b', 'b']) await store.create(settingsOf(name), zipA);
  for (let memoryMib = 201; memoryMib <= 212; memoryMib += 1) {
    store.updateConfiguration('a', (fn) => ({ ...fn, memoryMib }));
    store.publish('a');
  }
  store.publish('b');
  const numbers = ['$LATEST', ...Array.from({ length: 12 }, (_, index) => String(index + 1))];
  t.same(versionsOf(store, 'a'), numbers);
  const all = [...numbers.map((version) => `a:${version}`), 'a-b:$LATEST', 'b:$LATEST', 'b:1'];
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), (count) => {
      const found: string[] = [];
      let after = null;
      do {
        const page: ReturnType<Store['listAll']> = store.listAll(after, count);
        found.push(...page.functions.map((fn) => `${fn.functionName}:${fn.version}`));
        after = page.next;
      } while (after !== null);
      const versions: string[] = [];
      let afterVersion: string | null = null;
      do {
        const page: ReturnType<Store['listAll']> = store.listVersions('a', afterVersion, count);
        versions.push(...page.functions.map(({ version }) => version));
        afterVersion = page.next?.version ?? null;
      } while (afterVersion !== null);
      return found.join() === all.join() && versions.join() === numbers.join();
    }),
  );
  t.same(
    store.list(null, 9).functions.map((fn) => `${fn.functionName}:${fn.version}`),
    ['a:$LATEST', 'a-b:$LATEST', 'b:$LATEST'],
  );
});

t.test('a version that is to start from a snapshot waits for it', async (t) => {
  const directory = t.testdir();
  const first = await openStore({ directory });
  const settings = { ...settingsOf('hello'), snapStart: 'PublishedVersions' } as const;
  const one = await first.create(settings, zipA, { publish: true });
  t.same(one.state, { kind: 'pending' });
  t.same(first.get('hello').state, { kind: 'active' }, '$LATEST waits for nothing');
  first.close();
  const store = await open(t, directory);
  t.same(store.pending(), [one]);
  store.settle({ ...one, revisionId: 'of a function of the past' }, { kind: 'active' });
  t.same(store.pending(), [one]);
  const failed = { kind: 'failed', fault: 'function', reason: 'It threw.' } as const;
  store.settle(one, failed);
  t.same(store.get('hello', '1'), { ...one, state: failed });
  store.settle(one, { kind: 'active' });
  t.same(store.get('hello', '1').state, failed, 'what is settled stays so');
  t.same(store.pending(), []);
});
