/** A function has the room in /tmp that was asked for; the host has what its files do not take. */
import t from 'tap';
import { type Answer, openLive } from './live.js';

const live = await openLive(t);
await live.deploy('store', 'store.py', {
  Runtime: await live.runtime('python'),
  Handler: 'store.handler',
  MemorySize: 256,
  EphemeralStorage: { Size: 600 },
});

let instanceId = '';
/** One invocation, which the same instance serves each time. */
async function store(event: object, storageMib?: number): Promise<Answer> {
  const wish = storageMib === undefined ? {} : { storageMib };
  const answer = await live.invoke('store', event, wish);
  t.equal(answer.status, 200, JSON.stringify(answer.body));
  t.equal(answer.functionError, null, answer.log);
  return answer;
}

async function diskMib(): Promise<number> {
  const { body } = await live.call('GET', `/v1/instances/${instanceId}`);
  return body.diskMib;
}

t.test('the guest has what was asked for, on one and the same VM', async (t) => {
  for (const [asked, storageMib] of [
    [undefined, 600],
    [10_240, 10_240],
    [512, 512],
    [777, 777],
    [undefined, 600],
  ] as const) {
    const { body, receipt } = await store({}, asked);
    t.match(body, { freeMib: storageMib, entries: [], canReachBallast: false });
    t.match(receipt, { storageMib });
    instanceId ||= receipt.instanceId;
    t.equal(receipt.instanceId, instanceId);
    t.match(await live.instances(), [{ instanceId, storageMib }]);
  }
  t.ok((await diskMib()) < 8, `${await diskMib()} MiB of the host's disk`);
});

t.test('more than that cannot be written', async (t) => {
  t.match((await store({ deed: 'take', mib: 601 })).body, { refusal: 'ENOSPC' });
  t.match((await store({ deed: 'take', mib: 599 })).body, { refusal: null, entries: ['kept'] });
  t.match((await store({ deed: 'drop' })).body, { refusal: null, freeMib: 600 });
});

t.test('the host has what is deleted', async (t) => {
  await store({ deed: 'write', mib: 200 });
  t.ok((await diskMib()) >= 200, `${await diskMib()} MiB while the files are there`);
  await store({ deed: 'drop' });
  t.ok((await diskMib()) < 16, `${await diskMib()} MiB when they are gone`);
});

t.test('files are never taken away', async (t) => {
  const path = () => `/v1/instances/${instanceId}/storage`;
  const put = (storageMib: unknown) => live.call('PUT', path(), { storageMib });
  t.match(await put(1024), { status: 200, body: { instanceId, fromMib: 600, storageMib: 1024 } });
  t.match((await store({ deed: 'take', mib: 700 }, 1024)).body, { refusal: null });
  const held = await put(512);
  t.match(held, {
    status: 409,
    body: { error: { code: 'STORAGE_HELD', details: { storageMib: 1024 } } },
  });
  t.match(held.body.error.message, /take 70\d MiB of \/tmp.* cannot shrink to 512 MiB.* at 1024/);
  t.match(await put(511), { status: 400, body: { error: { code: 'INVALID_PARAMETER' } } });
  const { body, receipt } = await store({}, 1024);
  t.match(body, { entries: ['kept'] });
  t.equal(receipt.instanceId, instanceId);
  const elsewhere = await store({}, 512);
  t.match(elsewhere.body, { entries: [], freeMib: 512 });
  t.not(elsewhere.receipt.instanceId, instanceId, 'an instance whose files fit serves it');
});

t.test('what no instance can have is refused', async (t) => {
  for (const storageMib of [511, 10_241]) {
    const { status, body } = await live.invoke('store', {}, { storageMib });
    t.equal(status, 400);
    t.match(body, {
      message: new RegExp(`x-ballast-storage-mib is '${storageMib}'.* 512 to 10240`),
    });
  }
});
