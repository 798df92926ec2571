import t from 'tap';
import { connect } from '../../lib/index.js';
import { SilentDaemon } from '../support/silentDaemon.js';
import { testUri, withCode } from '../support/testDriver.js';
import { within } from '../support/within.js';

const mostThreads = 32;
const mostQueued = 16_384;

t.test('a call whose signal was aborted before is not made', async (t) => {
  await using connection = await connect(testUri);
  const reason = new Error('enough');
  await t.rejects(connection.hostname({ signal: AbortSignal.abort(reason) }), reason);
});

t.test('calls that wait are withdrawn when they are aborted', async (t) => {
  await using connection = await connect(testUri);
  const reason = new Error('enough');
  const domain = await connection.lookupByName('test');
  const controller = new AbortController();
  const calls = Array.from({ length: 200 }, () => domain.xml({ signal: controller.signal }));
  controller.abort(reason);
  const results = await Promise.allSettled(calls);
  t.ok(results.every((result) => result.status === 'rejected' && result.reason === reason));
  t.match(await domain.xml(), '<domain', 'the next call is made');
});

t.test('a call that has begun is abandoned at once, and its result dropped', async (t) => {
  const daemon = await SilentDaemon.start();
  const reason = new Error('enough');
  const controller = new AbortController();
  const opening = connect(daemon.uri, { signal: controller.signal });
  const rejected = t.rejects(opening, reason);
  await within('the call begins', daemon.connections(1));
  controller.abort(reason);
  await rejected;
  // What the call ends with, long after, goes nowhere: tap fails on a rejection without a handler.
  await daemon.close();
  await using connection = await connect(testUri);
  t.equal(await connection.isAlive(), true);
});

t.test('an abort after the end changes nothing', async (t) => {
  await using connection = await connect(testUri);
  const controller = new AbortController();
  const name = await connection.hostname({ signal: controller.signal });
  controller.abort();
  t.equal(await connection.hostname(), name);
});

t.test('a daemon that goes away fails the call', async (t) => {
  const daemon = await SilentDaemon.start();
  const opening = connect(daemon.uri);
  const rejected = t.rejects(opening, { name: 'LibvirtError', call: 'virConnectOpen' });
  await within('the call begins', daemon.connections(1));
  await daemon.close();
  await rejected;
  await t.rejects(connect(daemon.uri), withCode('SYSTEM_ERROR'));
});

t.test('calls queue up to a bound, and the next is refused', async (t) => {
  const daemon = await SilentDaemon.start();
  const running = Array.from({ length: mostThreads }, () => connect(daemon.uri));
  const ran = Promise.allSettled(running);
  await within('all threads are busy', daemon.connections(mostThreads));
  const controller = new AbortController();
  const { signal } = controller;
  const waiting = Array.from({ length: mostQueued }, () => connect(testUri, { signal }));
  const waited = Promise.allSettled(waiting);
  await t.rejects(connect(testUri), { name: 'BusyError', code: 'BUSY', message: /16384/ });
  controller.abort();
  const results = await waited;
  t.ok(results.every(({ status }) => status === 'rejected'));
  await daemon.close();
  t.ok((await ran).every(({ status }) => status === 'rejected'));
  await using connection = await connect(testUri);
  t.equal(await connection.isAlive(), true, 'the queue has room again');
});
