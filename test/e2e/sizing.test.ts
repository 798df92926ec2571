/** Sizes that nobody asked for: those that follow from what a function needed, or fell short of. */
import t from 'tap';
import { openLive } from './live.js';

const live = await openLive(t);
live.defaults = { cpuMillis: 1000 };
const Runtime = await live.runtime('python');
const Handler = 'fill.handler';

const memoryOf = async (name: string) =>
  (await live.call('GET', `/v1/functions/${name}/memory`)).body;

t.test('a function is given what its invocations needed', async (t) => {
  await live.deploy('fill', 'fill.py', { Runtime, Handler, MemorySize: 512 });
  t.match(await memoryOf('fill'), { memoryMib: 512, samples: 0, recommendedMib: null });
  const first = await live.invoke('fill', { mib: 200 }, { requestedMib: 'auto' });
  t.match(first.receipt, { requestedMib: 512 }, 'its own size, while there is nothing to go by');
  let highestMib = first.receipt.peakMib;
  for (let turn = 1; turn < 10; turn += 1) {
    const { receipt } = await live.invoke('fill', { mib: 200 });
    highestMib = Math.max(highestMib, receipt.peakMib);
  }
  const { recommendedMib, samples, confidence, needs } = await memoryOf('fill');
  t.equal(samples, 10);
  t.ok(recommendedMib > highestMib && recommendedMib < highestMib * 1.3, `${recommendedMib} MiB`);
  t.ok(Math.abs(confidence - (1 - 0.99 ** 10)) < 1e-9);
  t.equal(
    needs.reduce((sum: number, { count }: { count: number }) => sum + count, 0),
    samples,
  );
  const { functionError, receipt } = await live.invoke(
    'fill',
    { mib: 200 },
    { requestedMib: 'auto' },
  );
  t.equal(functionError, null);
  t.match(receipt, { requestedMib: recommendedMib, limitMib: recommendedMib, start: 'warm' });
});

t.test('it is known to the next service', async (t) => {
  const before = await memoryOf('fill');
  await live.stop();
  await live.start();
  t.same(await memoryOf('fill'), before);
});

t.test('what is idempotent and too large for its size is run again, larger', async (t) => {
  const settings = { Runtime, Handler, MemorySize: 128 };
  await live.deploy('strict', 'fill.py', settings);
  const killed = await live.invoke('strict', { mib: 180 });
  t.match(killed, { functionError: 'Unhandled', body: { errorType: 'Runtime.OutOfMemory' } });
  t.match(killed.receipt, { requestedMib: 128, killedAtMib: null });
  const Environment = { Variables: { BALLAST_IDEMPOTENT: 'true' } };
  await live.deploy('lenient', 'fill.py', { ...settings, Environment });
  const { functionError, body, receipt, log } = await live.invoke('lenient', { mib: 180 });
  t.equal(functionError, null, JSON.stringify(body));
  t.same(body, { touchedPages: 180 * 256, limitMib: 256 });
  t.match(receipt, { requestedMib: 256, limitMib: 256, killedAtMib: 128, start: live.coldStart });
  t.match(log, /\tMemory Size: 256 MB\t/);
});
