/** A function has the share of the processor that comes with its size, or that it asked for. */
import { availableParallelism } from 'node:os';
import t from 'tap';
import { openLive } from './live.js';

const vcpus = Math.min(6, availableParallelism());
const maxCpuMillis = vcpus * 1000;

const live = await openLive(t);
await live.deploy('look', 'look.py', {
  Runtime: await live.runtime('python'),
  Handler: 'look.handler',
});

t.test('the host says what there is', async (t) => {
  t.match((await live.call('GET', '/v1/host')).body, { maxCpuMillis });
});

t.test('the guest has what was asked for, on one and the same VM', async (t) => {
  let instanceId = '';
  for (const [requestedMib, asked, cpuMillis] of [
    [1769, undefined, 1000],
    [128, undefined, 72],
    [128, 700, 700],
    [128, maxCpuMillis, maxCpuMillis],
    [512, maxCpuMillis, maxCpuMillis],
    [512, undefined, 289],
  ] as const) {
    const shares = asked === undefined ? {} : { cpuMillis: asked };
    const { status, body, receipt } = await live.invoke('look', {}, { requestedMib, ...shares });
    t.equal(status, 200, JSON.stringify(body));
    const usableProcessors = Math.ceil(cpuMillis / 1000);
    t.same(body, { cpuMillis, usableProcessors, onlineProcessors: vcpus });
    t.match(receipt, { requestedMib, limitMib: requestedMib, cpuMillis });
    instanceId ||= receipt.instanceId;
    t.equal(receipt.instanceId, instanceId);
    t.match(await live.instances(), [{ instanceId, cpuMillis }]);
  }
});

t.test('more than the host has is refused', async (t) => {
  const { status, body } = await live.invoke('look', {}, { cpuMillis: maxCpuMillis + 1 });
  t.equal(status, 400);
  t.match(body, { message: new RegExp(`'${maxCpuMillis + 1}'.* from 10 to ${maxCpuMillis} `) });
});
