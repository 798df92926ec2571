import t from 'tap';
import { BallastError } from '../../../../src/model/errors.js';
import { isPlainError, openBench } from '../harness.js';

t.test('instances are listed, shown, resized and ended', async (t) => {
  const { send, service } = await openBench(t);
  const shown = (await send('GET /v1/instances/i-1')).json();
  t.same((await send('GET /v1/instances')).json(), { instances: [shown] });
  t.match(shown, { state: 'hot', floorMib: 64, pluggedMib: 128, limitMib: 128, idleMs: 12 });
  t.equal(shown.residentMib, null);
  const resized = await send('PUT /v1/instances/i-1/memory', { body: { requestedMib: 512 } });
  t.same(resized.json(), await service.resize('i-1', 512));
  t.equal((await send('DELETE /v1/instances/i-1')).statusCode, 204);
  t.same(service.evicted, ['i-1']);
});

t.test("an instance's storage is changed", async (t) => {
  const { send, service } = await openBench(t);
  const put = (body: unknown, id = 'i-1') => send(`PUT /v1/instances/${id}/storage`, { body });
  t.same((await put({ storageMib: 600 })).json(), await service.setStorage('i-1', 600));
  for (const size of [0, 511, 10_241, 1.5, '600', null]) {
    const message = /storageMib is .*whole number of MiB from 512 to 10240/;
    isPlainError(t, await put({ storageMib: size }), [400, 'INVALID_PARAMETER', message]);
  }
  isPlainError(t, await put({ storageMib: 600 }, 'x'), [404, 'INSTANCE_NOT_FOUND', /x/]);
  service.refusal = new BallastError('STORAGE_HELD', 'In use.', { details: { usedMib: 700 } });
  const held = await put({ storageMib: 600 });
  isPlainError(t, held, [409, 'STORAGE_HELD', /In use/]);
  t.same(held.json().error.details, { usedMib: 700 });
});

t.test('an instance that is not there', async (t) => {
  const { send } = await openBench(t);
  const body = { requestedMib: 512 };
  isPlainError(t, await send('GET /v1/instances/x'), [404, 'INSTANCE_NOT_FOUND', /x/]);
  isPlainError(t, await send('DELETE /v1/instances/x'), [404, 'INSTANCE_NOT_FOUND', /x/]);
  const resized = await send('PUT /v1/instances/x/memory', { body });
  isPlainError(t, resized, [404, 'INSTANCE_NOT_FOUND', /x/]);
});

t.test('sizes that no instance can have', async (t) => {
  const { send } = await openBench(t);
  const put = (body: unknown) => send('PUT /v1/instances/i-1/memory', { body });
  for (const size of [0, 127, 10_241, -1, 1.5, 'abc', '1e3', '', '256', null]) {
    const message = /requestedMib is .*whole number of MiB from 128 to 10240/;
    isPlainError(t, await put({ requestedMib: size }), [400, 'INVALID_PARAMETER', message]);
  }
  isPlainError(t, await put({}), [400, 'INVALID_PARAMETER', /requestedMib is missing/]);
  isPlainError(t, await put({ requestedMib: 4097 }), [400, 'SIZE_BEYOND_HOST', /4097/]);
  isPlainError(t, await put('{'), [400, 'INVALID_PAYLOAD', /could not be read/]);
  const extra = await put({ requestedMib: 256, force: true });
  isPlainError(t, extra, [400, 'INVALID_PARAMETER', /force is not supported/]);
});

t.test('what stopped a resize, and where it stands', async (t) => {
  const { send, service } = await openBench(t);
  service.refusal = new BallastError('MEMORY_HELD', 'In use.', { details: { limitMib: 512 } });
  const answer = await send('PUT /v1/instances/i-1/memory', { body: { requestedMib: 128 } });
  t.equal(answer.statusCode, 409);
  t.same(answer.json().error, {
    code: 'MEMORY_HELD',
    message: 'In use.',
    details: { limitMib: 512 },
  });
});

t.test('where it stands is told of every resize that an instance refuses', async (t) => {
  const { send, service } = await openBench(t);
  const resize = (id: string, requestedMib: number) =>
    send(`PUT /v1/instances/${id}/memory`, { body: { requestedMib } });
  const beyond = (await resize('i-1', 4097)).json().error;
  t.same(beyond.details, { pluggedMib: 128, limitMib: 128 });
  t.notOk('details' in (await resize('x', 4097)).json().error, 'nothing stands there');
  const refusal = new BallastError('INSTANCE_BUSY', 'At work.', {
    details: { since: 5 },
    retryAfterSeconds: 3,
  });
  service.resize = async () => {
    throw refusal;
  };
  const busy = await resize('i-1', 256);
  isPlainError(t, busy, [409, 'INSTANCE_BUSY', /^At work\.$/]);
  t.same(busy.json().error.details, { since: 5, pluggedMib: 128, limitMib: 128 });
  t.equal(busy.headers['retry-after'], '3');
});
