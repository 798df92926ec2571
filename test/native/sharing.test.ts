/** Calls that wait next to one another in a domain's queue and read the same: one answers all. */
import { setImmediate as immediate } from 'node:timers/promises';
import t from 'tap';
import { connect, type Domain, LibvirtError } from '../../lib/index.js';
import { LibvirtDaemon } from '../support/libvirtDaemon.js';
import { SocketProxy } from '../support/socketProxy.js';
import { within } from '../support/within.js';

const many = 100;
/** The first may be under way before the next is made; the others wait for it. */
const mostShared = 2;
/** Of one call: `disk.stats()` asks first how long its answer is. */
const mostMessages = 2;

const daemon = await LibvirtDaemon.start(t);
const proxy = await SocketProxy.start(t, daemon.socket);
const { uri } = proxy;

/**
 * Makes calls in one turn of the event loop, and tells how many of libvirt they became: the proxy
 * is of this thread, and passes nothing on before they are all made.
 */
async function callsOf(makeAll: () => readonly Promise<unknown>[]): Promise<number> {
  const before = proxy.calls;
  await within('the calls end', Promise.allSettled(makeAll()));
  return proxy.calls - before;
}

const times = <T>(make: () => T): readonly T[] => Array.from({ length: many }, make);

t.test('a hundred alike become one or two, and each gets an answer of its own', async (t) => {
  await using connection = await connect(uri);
  const domain = await connection.lookupByName('test');
  const answers: unknown[] = [];
  const ask = async () => answers.push(await domain.info());
  const calls = await callsOf(() => times(ask));
  t.ok(calls <= mostShared, `${calls} calls`);
  t.equal(new Set(answers).size, many);
  for (const answer of answers) t.match(answer, { state: 'running', vcpus: Number });
});

const reads: Readonly<Record<string, (domain: Domain) => Promise<unknown>>> = {
  state: (domain) => domain.state(),
  info: (domain) => domain.info(),
  xml: (domain) => domain.xml(),
  memoryStats: (domain) => domain.memoryStats(),
  'disk.info': (domain) => domain.disk('vda').info(),
  'disk.stats': (domain) => domain.disk('vda').stats(),
  'interface.stats': (domain) => domain.networkInterface('vnet0').stats(),
  'qmp query-': (domain) => domain.qmp('query-status'),
};
for (const [name, read] of Object.entries(reads)) {
  t.test(`${name} is shared`, async (t) => {
    await using connection = await connect(uri);
    const domain = await connection.lookupByName('test');
    const calls = await callsOf(() => times(() => read(domain)));
    t.ok(calls >= 1 && calls <= mostShared * mostMessages, `${calls} calls`);
  });
}

t.test('what may change something is made as often as it is called', async (t) => {
  await using connection = await connect(uri);
  const domain = await connection.lookupByName('test');
  t.equal(await callsOf(() => times(() => domain.setMemory(1_048_576))), many);
  t.equal(await callsOf(() => times(() => domain.qmp('cont'))), many);
});

t.test('what differs is not shared', async (t) => {
  await using connection = await connect(uri);
  const domain = await connection.lookupByName('test');
  const calls = await callsOf(() =>
    times(() => [domain.xml(), domain.xml({ inactive: true }), domain.state()]).flat(),
  );
  t.equal(calls, 3 * many);
});

t.test('an answer is never older than a change that was asked for before', async (t) => {
  await using connection = await connect(uri);
  const domain = await connection.lookupByName('test');
  const before = times(() => domain.info());
  const changed = domain.setMemory(1_048_576);
  const after = times(() => domain.info());
  await within('the change', changed);
  const sizesOf = async (asked: typeof before) =>
    new Set((await Promise.all(asked)).map(({ memoryKib }) => memoryKib));
  t.same(await sizesOf(before), new Set([2_097_152]));
  t.same(await sizesOf(after), new Set([1_048_576]));
});

t.test('a failure is told to each, as an error of its own', async (t) => {
  await using connection = await connect(uri);
  const domain = await connection.lookupByName('test');
  const disk = domain.disk('none');
  const results = await Promise.allSettled(times(() => disk.stats()));
  const errors = new Set(results.map((result) => result.status === 'rejected' && result.reason));
  t.equal(errors.size, many);
  for (const error of errors) t.ok(error instanceof LibvirtError);
});

t.test('one that is aborted while its answer is under way ends alone', async (t) => {
  await using connection = await connect(uri);
  const domain = await connection.lookupByName('test');
  const reason = new Error('enough');
  const controller = new AbortController();
  const { signal } = controller;
  const before = proxy.calls;
  const first = domain.state();
  const begins = t.rejects(domain.info({ signal }), reason);
  const others = times(() => domain.info());
  const shares = t.rejects(domain.info({ signal }), reason);
  // The second call is for all that wait. Its answer takes another turn.
  while (proxy.calls < before + 2) await immediate();
  controller.abort(reason);
  await Promise.all([first, begins, shares]);
  t.equal((await within('the others', Promise.all(others))).length, many);
});
