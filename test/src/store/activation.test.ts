import { access } from 'node:fs/promises';
import { setImmediate as turn } from 'node:timers/promises';
import { pino } from 'pino';
import t, { type Test } from 'tap';
import { BallastError } from '../../../src/model/errors.js';
import { Activation, openStore } from '../../../src/store/index.js';
import { FakeSnapshots } from '../../support/fakeSnapshots.js';
import { Gate } from '../../support/gate.js';
import { settingsOf } from './functionSettings.js';
import { zipOf } from './zips.js';

const zip = await zipOf([{ name: 'index.mjs', bytes: 'a' }]);
const settings = { ...settingsOf('hello'), snapStart: 'PublishedVersions' } as const;
const logger = pino({ level: 'silent' });

async function open(t: Test, directory = t.testdir()) {
  const store = await openStore({ directory });
  t.teardown(() => store.close());
  const snapshots = new FakeSnapshots();
  return { store, snapshots, activation: new Activation(store, snapshots, logger) };
}

t.test(
  'a version is active once its snapshot is there, and its code stays till then',
  async (t) => {
    const { store, snapshots, activation } = await open(t);
    const gate = new Gate();
    snapshots.answer = () => gate.wait();
    const fn = await store.create(settings, zip, { publish: true });
    activation.begin(fn);
    activation.begin(fn);
    await gate.arrival();
    t.same(snapshots.requested, [fn], 'asking twice is asking once');
    t.same(store.get('hello', '1').state, { kind: 'pending' });
    gate.open();
    await turn();
    t.same(store.get('hello', '1').state, { kind: 'active' });
    activation.begin(store.get('hello', '1'));
    activation.begin(store.get('hello'));
    await turn();
    t.equal(snapshots.requested.length, 1, 'what is active wants nothing');
  },
);

t.test('why a version failed is kept, and whose fault it is', async (t) => {
  const secret = 'a path of the host';
  const cases = [
    {
      thrown: new BallastError('VERSION_FAILED', `Error:\n\u001b[31mbad${'x'.repeat(2000)}`),
      state: { fault: 'function', reason: /^Error: \[31mbadx{900}/ },
    },
    {
      thrown: new BallastError('INSTANCE_START_FAILED', 'There is no room.'),
      state: { fault: 'service', reason: 'There is no room.' },
    },
    {
      thrown: new BallastError('INTERNAL', secret),
      state: { fault: 'service', reason: /could not make its snapshot/ },
    },
    { thrown: new Error(secret), state: { fault: 'service', reason: /log of the service/ } },
  ];
  for (const { thrown, state } of cases) {
    const { store, snapshots, activation } = await open(t, t.testdir());
    snapshots.answer = async () => {
      throw thrown;
    };
    activation.begin(await store.create(settings, zip, { publish: true }));
    await turn();
    const found = store.get('hello', '1').state;
    t.match(found, { kind: 'failed', ...state });
    t.ok(JSON.stringify(found).length < 1100, 'a guest has no unbounded say');
    store.close();
  }
});

t.test('what a service that ends did not make, the next one is asked for', async (t) => {
  const directory = t.testdir();
  const first = await open(t, directory);
  first.snapshots.answer = async () => {
    throw new BallastError('SHUTTING_DOWN', 'The service is stopping.');
  };
  first.activation.begin(await first.store.create(settings, zip, { publish: true }));
  await turn();
  t.same(first.store.get('hello', '1').state, { kind: 'pending' });
  const gate = new Gate();
  first.snapshots.answer = () => gate.wait();
  first.activation.resume();
  await gate.arrival();
  first.activation.close();
  first.store.close();
  gate.open();
  await turn();

  const second = await open(t, directory);
  second.activation.resume();
  await turn();
  t.same(
    second.snapshots.requested.map(({ version }) => version),
    ['1'],
  );
  t.same(second.store.get('hello', '1').state, { kind: 'active' });
});

t.test('a version that is deleted meanwhile leaves nothing behind', async (t) => {
  const { store, snapshots, activation } = await open(t);
  const gate = new Gate();
  snapshots.answer = () => gate.wait();
  const fn = await store.create(settings, zip, { publish: true });
  activation.begin(fn);
  await gate.arrival();
  store.delete('hello');
  await access(fn.code.imagePath);
  const again = await store.create(settings, zip, { publish: true });
  gate.open();
  await turn();
  t.same(store.get('hello', '1'), again, 'the end of one is not that of another');
  store.delete('hello');
  await t.rejects(access(fn.code.imagePath), { code: 'ENOENT' });
});
