import t from 'tap';
import { BallastError } from '../../../src/model/errors.js';
import { Unready } from '../../../src/scheduler/runner.js';
import { ending } from '../../support/fakeInstance.js';
import { functionRecord } from '../../support/functionRecord.js';
import { chargeOf, fleetOver, requestFor } from './harness.js';

const fn = functionRecord('f');

type Setup = ReturnType<typeof fleetOver>;

/** Serves a request on a new instance, which is idle then. */
async function warmUp({ fleet, runner, pool }: Setup, sizeMib: number) {
  const instanceId = fleet.admit(fn, sizeMib);
  const result = await runner.run({ kind: 'boot', instanceId }, requestFor(fn, sizeMib), 3);
  const instance = pool.get(instanceId);
  if (instance === undefined) throw new Error('the instance did not survive its first use');
  return { instance, result };
}

t.test('a boot has a receipt of a boot', async (t) => {
  const setup = fleetOver();
  const { instance, result } = await warmUp(setup, 255);
  t.match(result.receipt, {
    functionName: 'f',
    instanceId: instance.instanceId,
    start: 'boot',
    requestedMib: 255,
    fromMib: 0,
    pluggedMib: 256,
    limitMib: 255,
    peakMib: 40,
    resize: { mechanism: 'none', ms: 0, settled: true },
    queueMs: 3,
    durationMs: 5,
    billedMs: 5,
  });
  t.ok(result.receipt.initMs > 0);
  t.equal(instance.state, 'hot');
});

t.test('a resize that cannot be done gives the request back, unseen', async (t) => {
  const setup = fleetOver();
  const { fleet, runner, pool } = setup;
  const { instance } = await warmUp(setup, 512);
  pool.behaviour.resize = async () => {
    throw new BallastError('MEMORY_HELD', 'in use');
  };
  pool.behaviour.invoke = async () => {
    t.fail('the function must not see the request');
    return ending();
  };
  fleet.occupy(instance, 128);
  const run = runner.run({ kind: 'warm', instance }, requestFor(fn, 128), 0);
  await t.rejects(run, { name: 'Unready', cause: { code: 'MEMORY_HELD' } }, 'another may take it');
  t.equal(instance.state, 'hot', 'one that holds its memory is good for larger requests');
  pool.behaviour.resize = async () => {
    throw new BallastError('RESIZE_UNSETTLED', 'stuck', { details: { pluggedMib: 600 } });
  };
  fleet.occupy(instance, 700);
  await t.rejects(runner.run({ kind: 'warm', instance }, requestFor(fn, 700), 0), Unready);
  t.equal(instance.state, 'evicting', 'one that cannot be resized is good for nothing');
  t.equal(fleet.comingMib(), chargeOf(600), 'and is charged what it stands at until it is gone');
});

t.test('storage is the one of each request', async (t) => {
  const setup = fleetOver();
  const { fleet, runner } = setup;
  const { instance, result } = await warmUp(setup, 128);
  t.equal(result.receipt.storageMib, fn.ephemeralMib);
  const serve = (storageMib: number) => {
    fleet.occupy(instance, 128);
    return runner.run({ kind: 'warm', instance }, { ...requestFor(fn, 128), storageMib }, 0);
  };
  t.equal((await serve(2048)).receipt.storageMib, 2048);
  instance.filesMib = 1025;
  await t.rejects(serve(1024), { name: 'Unready', cause: { code: 'STORAGE_HELD' } });
  t.equal(instance.state, 'hot', 'one that holds its files is good for others');
  t.equal((await serve(1025)).receipt.storageMib, 1025);
});

t.test('an init that fails is the answer, and the next request starts anew', async (t) => {
  const setup = fleetOver();
  const { fleet, runner, pool } = setup;
  pool.behaviour.start = async () => ending({ kind: 'error', errorType: 'SyntaxError' });
  const { instance, result } = await warmUp(setup, 128);
  t.same(result.failure, { kind: 'error', errorType: 'SyntaxError' });
  pool.behaviour.start = async () => null;
  fleet.occupy(instance, 128);
  const again = await runner.run({ kind: 'warm', instance }, requestFor(fn, 128), 0);
  t.equal(again.failure, null);
  t.equal(instance.starts, 2);
});

t.test("a runtime that cannot be asked is the instance's fault", async (t) => {
  const setup = fleetOver();
  const { fleet, runner, pool } = setup;
  pool.behaviour.start = async () => {
    throw new BallastError('GUEST_TIMEOUT', 'silence');
  };
  const instanceId = fleet.admit(fn, 128);
  const run = runner.run({ kind: 'boot', instanceId }, requestFor(fn, 128), 0);
  await t.rejects(run, { name: 'Unready', cause: { code: 'GUEST_TIMEOUT' } });
  t.equal(pool.get(instanceId)?.state, 'evicting');
});

t.test('a new instance that cannot be given its storage is not kept', async (t) => {
  const { fleet, runner, pool } = fleetOver();
  const instanceId = fleet.admit(fn, 128);
  // Less than the empty disk holds.
  const request = { ...requestFor(fn, 128), storageMib: -1 };
  const run = runner.run({ kind: 'boot', instanceId }, request, 0);
  await t.rejects(run, { name: 'Unready', cause: { code: 'STORAGE_HELD' } });
  t.equal(pool.get(instanceId)?.state, 'evicting');
});

t.test('a resize by itself ends the use, whatever comes of it', async (t) => {
  const setup = fleetOver();
  const { fleet, runner, pool } = setup;
  const { instance } = await warmUp(setup, 512);
  pool.behaviour.resize = async () => 300;
  fleet.occupy(instance, 128);
  t.match(await runner.resize(instance, 128), { mechanism: 'virtio-mem', settled: false });
  t.equal(fleet.ledger.chargedMib, chargeOf(300), 'what did not come back stays charged');
  pool.behaviour.resize = async () => undefined;
  fleet.occupy(instance, 128);
  t.match(await runner.resize(instance, 128), { mechanism: 'virtio-mem', settled: true });
  t.equal(instance.state, 'hot');
  t.equal(fleet.ledger.chargedMib, chargeOf(128));
  pool.behaviour.resize = async () => {
    throw new BallastError('GUEST_PROTOCOL', 'nonsense');
  };
  fleet.occupy(instance, 128);
  await t.rejects(runner.resize(instance, 128), { code: 'GUEST_PROTOCOL' });
  t.equal(instance.state, 'evicting');
});
