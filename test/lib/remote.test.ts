/** A connection over a socket, and its loss. */
import t from 'tap';
import { type CloseReason, connect } from '../../lib/index.js';
import { LibvirtDaemon } from '../support/libvirtDaemon.js';
import { within } from '../support/within.js';

t.test('what only a remote connection has', async (t) => {
  const daemon = await LibvirtDaemon.start(t);
  await using connection = await connect(daemon.uri);
  t.equal(await connection.setKeepAlive(5, 3), true);
  t.equal(await connection.isSecure(), true, 'it does not leave the host');
  await connection.setIdentity({ userName: 'nobody', processId: process.pid });
  t.equal((await connection.lookupByName('test')).name, 'test');
});

t.test('a lost connection fails what is under way, and tells its reason', async (t) => {
  const daemon = await LibvirtDaemon.start(t);
  const connection = await connect(daemon.uri);
  const domain = await connection.lookupByName('test');
  const lost = new Promise<CloseReason>((resolve) => {
    void connection.watchClose(resolve).then(() => daemon.kill());
  });
  t.equal(await within('the loss', lost), 'eof');
  t.equal(await connection.isAlive(), false);
  await t.rejects(domain.xml(), { name: 'LibvirtError', message: /./, domain: 'RPC' });
  await within('the connection closes', connection.close());
});

t.test('loops that wait for events end with the connection, and with its reason', async (t) => {
  const daemon = await LibvirtDaemon.start(t);
  await using connection = await connect(daemon.uri);
  const loops = [connection.events('lifecycle'), connection.events('reboot')];
  const waiting = await Promise.all(loops.map((loop) => loop.start().then(() => loop)));
  const lost = { name: 'ConnectionLostError', code: 'CONNECTION_LOST', reason: 'eof' };
  const ended = waiting.map((loop) => t.rejects(loop.next(), lost));
  await daemon.kill();
  await within('the loops end', Promise.all(ended));
});

t.test('calls that wait for an answer end with the connection', async (t) => {
  const daemon = await LibvirtDaemon.start(t);
  await using connection = await connect(daemon.uri);
  const calls = Array.from({ length: 200 }, () => connection.capabilities());
  const ended = Promise.allSettled(calls);
  await daemon.kill();
  const results = await within('all calls end', ended);
  t.equal(results.at(-1)?.status, 'rejected');
  for (const result of results) {
    if (result.status === 'rejected') t.equal(result.reason.name, 'LibvirtError');
  }
});
