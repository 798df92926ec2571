/** Handles and subscriptions that come and go leave nothing behind. */
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import t, { type Test } from 'tap';
import { type Connection, connect, type Subscription } from '../../lib/index.js';
import { testUri } from '../support/testDriver.js';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

const batch = 250;
const mib = 1024 * 1024;
/** The allocator's arenas come and go; a handle that leaked would cost above 1 KiB. */
const mostResidentMib = 32;
const mostHeapMib = 2;

interface Weight {
  readonly residentMib: number;
  readonly heapMib: number;
}

async function weigh(connection: Connection): Promise<Weight> {
  for (let round = 0; round < 5; round += 1) {
    await setImmediate();
    collectGarbage();
    // What finalizers gave to the pool is released before this call is made.
    await connection.isAlive();
  }
  const { rss, heapUsed } = process.memoryUsage();
  return { residentMib: rss / mib, heapMib: heapUsed / mib };
}

/** Does something so often, after as often to warm up, and says what has grown. */
async function growsLittle(
  t: Test,
  connection: Connection,
  times: number,
  one: () => Promise<unknown>,
): Promise<void> {
  const repeat = async (count: number) => {
    for (let done = 0; done < count; done += batch) {
      await Promise.all(Array.from({ length: batch }, one));
      if (done % 10_000 === 0) collectGarbage();
    }
  };
  await repeat(times);
  const before = await weigh(connection);
  await repeat(times);
  const after = await weigh(connection);
  const residentMib = after.residentMib - before.residentMib;
  const heapMib = after.heapMib - before.heapMib;
  t.ok(residentMib < mostResidentMib, `resident: ${residentMib.toFixed(1)} MiB more`);
  t.ok(heapMib < mostHeapMib, `JavaScript's heap: ${heapMib.toFixed(1)} MiB more`);
}

t.setTimeout(300_000);

t.test('100,000 handles, closed or forgotten', async (t) => {
  await using connection = await connect(testUri);
  let made = 0;
  await growsLittle(t, connection, 100_000, async () => {
    const domain = await connection.lookupByName('test');
    made += 1;
    if (made % 2 === 0) await domain.close();
  });
  t.equal(made, 200_000);
});

t.test('10,000 subscriptions, whose listeners refer to them', async (t) => {
  await using connection = await connect(testUri);
  const domain = await connection.lookupByName('test');
  let made = 0;
  await growsLittle(t, connection, 10_000, async () => {
    const listener = () => void subscription.close();
    const subscription: Subscription = await connection.watch('lifecycle', listener, { domain });
    made += 1;
    await subscription.close();
  });
  t.equal(made, 20_000);
});

t.test('4,000 streams, read or dropped half-way', async (t) => {
  await using connection = await connect(testUri);
  const domain = await connection.lookupByName('test');
  let made = 0;
  await growsLittle(t, connection, 4_000, async () => {
    const { stream } = await domain.consoles.screenshot();
    made += 1;
    if (made % 10 === 0) await stream.toArray();
    stream.destroy();
  });
  t.equal(made, 8_000);
});
