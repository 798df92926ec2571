import t from 'tap';
import { openStore } from '../../../src/store/index.js';
import { settingsOf } from './functionSettings.js';
import { zipOf } from './zips.js';

const zip = await zipOf([{ name: 'index.mjs', bytes: 'a' }]);
const needs = [
  { upToMib: 128, count: 3 },
  { upToMib: 512, count: 1 },
];

t.test('needs come back after a restart, and go with their function', async (t) => {
  const directory = t.testdir();
  const first = await openStore({ directory });
  for (const name of ['f', 'g']) await first.create(settingsOf(name), zip);
  const changed = new Map([
    ['f', needs],
    ['g', []],
  ]);
  first.needs.save(changed);
  first.updateConfiguration('f', (present) => ({ ...present, memoryMib: 256 }));
  first.close();
  const second = await openStore({ directory });
  t.teardown(() => second.close());
  t.same(second.needs.load(), changed, 'an update keeps them');
  second.delete('f');
  t.same([...second.needs.load().keys()], ['g']);
  await second.create(settingsOf('f'), zip);
  t.notOk(second.needs.load().has('f'), 'another function of the name begins anew');
});

t.test('needs of a function that there is not are not kept', async (t) => {
  const store = await openStore({ directory: t.testdir() });
  t.teardown(() => store.close());
  store.needs.save(new Map([['nobody', needs]]));
  t.equal(store.needs.load().size, 0);
});

t.test('writing them leaves the database as durable as it was', async (t) => {
  const store = await openStore({ directory: t.testdir() });
  await store.create(settingsOf('f'), zip);
  store.needs.save(new Map([['f', needs]]));
  store.close();
  t.throws(() => store.needs.save(new Map([['f', needs]])), 'a closed one is not written');
});
