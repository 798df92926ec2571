import t from 'tap';
import { receiptOf, type Stages } from '../../../src/scheduler/receipt.js';
import { functionRecord } from '../../support/functionRecord.js';
import { requestFor } from './harness.js';

const stages: Stages = {
  instanceId: 'i-1',
  start: 'warm',
  fromMib: 128,
  pluggedMib: 512,
  limitMib: 511,
  peakMib: 60,
  cpuMillis: 289,
  storageMib: 512,
  resize: {
    mechanism: 'virtio-mem',
    ms: 11.23456,
    settled: true,
    state: 'settled',
    returned: true,
  },
  queueMs: 0.12345,
  initMs: 0,
  durationMs: 3.00001,
};

t.test('times are rounded to microseconds, and billed by the millisecond begun', async (t) => {
  const request = requestFor(functionRecord('f'), 511);
  t.same(receiptOf(request, stages), {
    ...stages,
    requestId: request.requestId,
    functionName: 'f',
    requestedMib: 511,
    killedAtMib: null,
    resize: {
      mechanism: 'virtio-mem',
      ms: 11.235,
      settled: true,
      state: 'settled',
      returned: true,
    },
    queueMs: 0.123,
    durationMs: 3,
    billedMs: 4,
  });
  t.equal(receiptOf(request, { ...stages, durationMs: 0 }).billedMs, 1);
});

t.test('it has no field of the request or the stages beside its own', async (t) => {
  const extended = { ...stages, payload: 'secret' };
  t.notHas(receiptOf(requestFor(functionRecord('f'), 511), extended), { payload: 'secret' });
});
