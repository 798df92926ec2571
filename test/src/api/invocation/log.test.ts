import fc from 'fast-check';
import t from 'tap';
import { logTail } from '../../../../src/api/invocation/log.js';
import type { InvocationRequest } from '../../../../src/model/invocation.js';
import { limits } from '../../../../src/model/limits.js';
import { receiptFor, resultFor } from '../../../support/fakeService.js';
import { functionRecord } from '../../../support/functionRecord.js';

const requestId = '11111111-2222-3333-4444-555555555555';
const request: InvocationRequest = {
  requestId,
  fn: functionRecord('hello'),
  requestedMib: 512,
  cpuMillis: null,
  storageMib: 512,
  payload: Buffer.from('{}'),
};
const report = [
  `REPORT RequestId: ${requestId}`,
  'Duration: 128.83 ms',
  'Billed Duration: 129 ms',
  'Memory Size: 512 MB',
  'Max Memory Used: 74 MB',
].join('\t');

t.test('a warm start', async (t) => {
  const lines = [`START RequestId: ${requestId} Version: $LATEST`, 'hello'];
  const end = [`END RequestId: ${requestId}`, report, ''];
  t.equal(logTail(request, resultFor(request)).toString(), [...lines, ...end].join('\n'));
  const open = resultFor(request, { logTail: Buffer.from('hello') });
  t.equal(logTail(request, open).toString(), [...lines, ...end].join('\n'), 'no line break');
});

t.test('a cold start tells its time', async (t) => {
  const receipt = receiptFor(request, { initMs: 166.618 });
  const log = logTail(request, resultFor(request, { receipt })).toString();
  t.ok(log.endsWith(`\n${report}\tInit Duration: 166.62 ms\n`));
});

t.test('a restored start tells the time of that, in whole milliseconds as billed', async (t) => {
  const receipt = receiptFor(request, { initMs: 0.2, restoreMs: 616.431 });
  const log = logTail(request, resultFor(request, { receipt })).toString();
  const restored = 'Restore Duration: 616.43 ms\tBilled Restore Duration: 617 ms';
  t.ok(log.endsWith(`\n${report}\t${restored}\n`), log);
});

t.test('the version is named', async (t) => {
  const published = { ...request, fn: functionRecord('hello', { version: '7' }) };
  t.match(logTail(published, resultFor(published)).toString(), / Version: 7\n/);
});

t.test('failures have a status', async (t) => {
  const ended = (failure: NonNullable<ReturnType<typeof resultFor>['failure']>) =>
    logTail(request, resultFor(request, { failure })).toString();
  const timeout = ended({ kind: 'timeout' });
  t.match(timeout, `${requestId} Task timed out after 3.00 seconds\n`);
  t.ok(timeout.endsWith(`\n${report}\tStatus: timeout\n`));
  const killed = ended({ kind: 'out-of-memory' });
  t.ok(killed.endsWith(`\n${report}\tStatus: error\tError Type: Runtime.OutOfMemory\n`));
});

t.test('nothing that a guest says can forge the end of the log', async () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.constantFrom('\n', '\r\n', '\t', '\u2028', '\u0085', `E\nEND RequestId: ${requestId}\tx`),
  );
  fc.assert(
    fc.property(text, fc.uint8Array({ maxLength: limits.logTailBytes }), (errorType, written) => {
      const failure = { kind: 'error', errorType } as const;
      const log = logTail(request, resultFor(request, { failure, logTail: written }));
      const [end, line, rest, ...more] = log.toString().split('\n').slice(-3);
      return (
        log.length <= limits.logTailBytes &&
        end === `END RequestId: ${requestId}` &&
        line?.split(/[\r\u0085\u2028\u2029]/).length === 1 &&
        line.startsWith(`${report}\tStatus: error\tError Type: `) &&
        line.split('\t').length === 7 &&
        rest === '' &&
        more.length === 0
      );
    }),
  );
});
