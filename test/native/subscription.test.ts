import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import t from 'tap';
import { connect } from '../../lib/index.js';
import { recordLifecycle } from '../support/lifecycle.js';
import { testDomainXml, testUri } from '../support/testDriver.js';
import { within } from '../support/within.js';

const run = promisify(execFile);

t.test('events arrive in order, and those of others do not', async (t) => {
  await using connection = await connect(testUri);
  const domain = await connection.lookupByName('test');
  const other = await connection.defineDomain(testDomainXml('other'));
  const { until } = await recordLifecycle(connection, domain);
  await other.start();
  await domain.suspend();
  await domain.resume();
  t.same(await until('test resumed'), ['test suspended', 'test resumed']);
});

t.test('without a domain, the events of all arrive', async (t) => {
  await using connection = await connect(testUri);
  const { until } = await recordLifecycle(connection);
  const domain = await connection.createDomain(testDomainXml('brief'));
  await domain.destroy();
  t.same(await until('brief stopped'), ['brief started', 'brief stopped']);
});

t.test('a full queue drops events and counts them', async (t) => {
  await using connection = await connect(testUri);
  const domain = await connection.lookupByName('test');
  const heard: string[] = [];
  const subscription = await connection.watch('lifecycle', ({ event }) => heard.push(event), {
    limit: 0,
  });
  const { until } = await recordLifecycle(connection);
  await domain.suspend();
  // The dropped event was pushed by the same thread, before the recorded one.
  await until('test suspended');
  t.equal(subscription.dropped, 1);
  t.same(heard, []);
});

t.test('no event comes after a subscription was closed, also from its own listener', async (t) => {
  await using connection = await connect(testUri);
  const domain = await connection.lookupByName('test');
  const heard: string[] = [];
  const subscription = await connection.watch('lifecycle', ({ event }) => {
    heard.push(event);
    void subscription.close();
  });
  const { until } = await recordLifecycle(connection);
  await Promise.all([domain.suspend(), domain.resume()]);
  await until('test resumed');
  t.same(heard, ['suspended']);
  await within('the second close', subscription.close());
});

t.test('a listener that throws is an uncaught exception, and the next event comes', async (t) => {
  // In a process of its own: an uncaught exception is the test runner's business in this one.
  const fixture = fileURLToPath(new URL('./throwingListener.js', import.meta.url));
  const { stdout, stderr } = await run(process.execPath, [fixture]);
  t.equal(stdout, 'uncaught: suspended\nuncaught: resumed\n');
  t.equal(stderr, '');
});
