import { performance } from 'node:perf_hooks';
import t from 'tap';
import { connect, type Domain } from '../../lib/index.js';
import { eachTurn } from '../support/eachTurn.js';
import { testUri } from '../support/testDriver.js';

const rounds = 200;
/** Longer than any of these calls takes, however busy the machine is. */
const busyPollUs = 1_000_000;

/** For how long the event loop slept meanwhile, in milliseconds. */
async function sleptMs(run: () => Promise<unknown>): Promise<number> {
  const before = performance.eventLoopUtilization();
  for (let round = 0; round < rounds; round += 1) await run();
  return performance.eventLoopUtilization(before).idle;
}

t.test('the event loop does not sleep while it looks for the result of a call', async (t) => {
  await using connection = await connect(testUri, { busyPollUs });
  const domain = await connection.lookupByName('test');
  t.equal(await sleptMs(() => connection.hostname()), 0);
  t.equal(await sleptMs(() => domain.info()), 0, 'domains do as their connection');
});

t.test('what else the event loop has to do is done meanwhile', async (t) => {
  await using connection = await connect(testUri, { busyPollUs });
  let turns = 0;
  const stop = eachTurn(() => {
    turns += 1;
  });
  for (let round = 0; round < rounds; round += 1) await connection.capabilities();
  stop();
  t.ok(turns >= rounds / 2, `${turns} turns in ${rounds} calls`);
});

t.test('it sleeps where nobody wants it to look', async (t) => {
  await using connection = await connect(testUri, { busyPollUs: 0 });
  t.ok((await sleptMs(() => connection.hostname())) > 0);
});

t.test('it sleeps while several calls are under way, and looks again for one', async (t) => {
  await using connection = await connect(testUri, { busyPollUs });
  const domain = await connection.lookupByName('test');
  const pair = (call: (domain: Domain) => Promise<unknown>) =>
    Promise.all([call(domain), call(domain)]);
  t.ok((await sleptMs(() => pair((each) => each.xml()))) > 0);
  t.equal(await sleptMs(() => domain.xml()), 0);
});

t.test('a time to look that cannot be meant is refused', async (t) => {
  for (const wrong of [-1, 0.5, 1_000_001, Number.NaN, '150' as never]) {
    await t.rejects(connect(testUri, { busyPollUs: wrong }), {
      name: 'RangeError',
      message: `busyPollUs must be a whole number from 0 to 1000000, not ${wrong}`,
    });
  }
});
