import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import t from 'tap';
import { ClosedError, type Connection, connect } from '../../lib/index.js';
import { testDomainXml, testUri } from '../support/testDriver.js';
import { within } from '../support/within.js';

t.test('closing a connection cascades, and can be repeated', async (t) => {
  const connection = await connect(testUri);
  const domain = await connection.lookupByName('test');
  const subscription = await connection.watch('reboot', () => undefined);
  await Promise.all([connection.close(), connection.close()]);
  await t.rejects(domain.xml(), ClosedError);
  await t.rejects(connection.hostname(), ClosedError);
  await t.rejects(
    connection.watch('reboot', () => undefined),
    ClosedError,
  );
  await t.resolves(domain.close());
  await t.resolves(subscription.close());
  await t.resolves(connection.close());
});

t.test('closing waits for the calls that run, and refuses others at once', async (t) => {
  const connection = await connect(testUri);
  const domain = await connection.lookupByName('test');
  const order: string[] = [];
  const calls = Array.from({ length: 100 }, () => domain.xml().then(() => order.push('call')));
  const closed = connection.close().then(() => order.push('closed'));
  const refused = domain.xml().catch((error: unknown) => error);
  t.match(await refused, { name: 'ClosedError', code: 'CLOSED', message: 'the domain is closed' });
  await Promise.all([...calls, closed]);
  t.equal(order.length, 101);
  t.equal(order.at(-1), 'closed');
});

t.test('a domain that was closed leaves others on the same machine open', async (t) => {
  await using connection = await connect(testUri);
  const [first, second] = await Promise.all([
    connection.lookupByName('test'),
    connection.lookupByName('test'),
  ]);
  await Promise.all([first.close(), first.close()]);
  await t.rejects(first.state(), ClosedError);
  t.equal((await second.state()).state, 'running');
  t.equal(first.name, 'test', 'its name is still known');
});

t.test('a closed domain cannot be watched, nor one that is none', async (t) => {
  await using connection = await connect(testUri);
  const domain = await connection.defineDomain(testDomainXml('closed'));
  await domain.close();
  await t.rejects(
    connection.watch('reboot', () => undefined, { domain }),
    TypeError,
  );
  await t.rejects(
    connection.watch('reboot', () => undefined, { domain: {} as never }),
    TypeError,
  );
});

async function lookUpAndForget(connection: Connection): Promise<void> {
  await Promise.all(Array.from({ length: 50 }, () => connection.lookupByName('test')));
}

t.test('a connection closes whose domains were collected a moment ago', async (t) => {
  setFlagsFromString('--expose-gc');
  const collectGarbage: () => void = runInNewContext('gc');
  for (let round = 0; round < 20; round += 1) {
    const connection = await connect(testUri);
    await lookUpAndForget(connection);
    // The last turn of the event loop, which still refers to them, has to be over.
    await setImmediate();
    // The objects are gone, and their finalizers have yet to run, when the closing cascades.
    collectGarbage();
    await within('the connection closes', connection.close());
  }
  t.pass('every connection was closed');
});

t.test('thousands of handles come and go', async (t) => {
  await using connection = await connect(testUri);
  for (let round = 0; round < 20; round += 1) {
    const lookups = Array.from({ length: 250 }, () => connection.lookupByName('test'));
    const domains = await Promise.all(lookups);
    await Promise.all(domains.slice(0, 50).map((domain) => domain.close()));
  }
  t.equal((await connection.listDomains()).length, 1);
});
