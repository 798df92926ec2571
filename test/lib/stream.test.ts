import t from 'tap';
import { ClosedError } from '../../lib/index.js';
import { openFullDomain } from '../support/fullDomain.js';

t.test('a stream is read in order, to its end', async (t) => {
  const { domain } = await openFullDomain(t);
  const { stream } = await domain.consoles.screenshot();
  let bytes = 0;
  for await (const chunk of stream) bytes += chunk.length;
  t.ok(bytes > 1000);
  t.equal(stream.destroyed, true);
  t.equal(stream.readableEnded, true);
});

t.test('a loop that is left aborts its stream, and others go on', async (t) => {
  const { domain } = await openFullDomain(t);
  const [first, second] = await Promise.all([
    domain.consoles.screenshot(),
    domain.consoles.screenshot(),
  ]);
  for await (const chunk of first.stream) {
    t.ok(chunk.length > 0);
    break;
  }
  t.equal(first.stream.destroyed, true);
  t.ok((await second.stream.toArray()).length > 0);
});

t.test('a stream of a domain that is closed fails', async (t) => {
  const { connection } = await openFullDomain(t);
  const domain = await connection.lookupByName('full');
  const { stream } = await domain.consoles.screenshot();
  await domain.close();
  await t.rejects(stream.toArray(), ClosedError);
  await t.rejects(domain.consoles.screenshot(), ClosedError);
});

t.test('closing a domain does not wait for a stream that nobody reads', async (t) => {
  const { connection } = await openFullDomain(t);
  const domain = await connection.lookupByName('full');
  const { stream } = await domain.consoles.screenshot();
  await domain.close();
  const closed = new Promise((resolve) => stream.once('close', resolve));
  stream.destroy();
  await t.resolves(closed);
  t.equal(stream.errored, null, 'to drop it is no error');
});
