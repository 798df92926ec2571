import t from 'tap';
import { formatMs, formatReceipt } from '../../../src/cli/receipt.js';
import { receipt } from './fakeService.js';

t.test('a receipt in one line', async (t) => {
  t.equal(
    formatReceipt(receipt),
    'warm start of i-1, 512 MiB (from 128), resized by virtio-mem in 12.3 ms, ' +
      'plugged 512, limit 512, peak 61 MiB, 0.29 vCPU, ' +
      'storage 512 MiB, queued 0.5 ms, ran 3.2 ms',
  );
  const boot = formatReceipt({
    ...receipt,
    start: 'boot',
    fromMib: 0,
    initMs: 2345,
    resize: { mechanism: 'none', ms: 0, settled: true, state: 'settled', returned: true },
  });
  t.equal(
    boot,
    'boot start of i-1, 512 MiB, plugged 512, limit 512, peak 61 MiB, 0.29 vCPU, ' +
      'storage 512 MiB, queued 0.5 ms, init 2.35 s, ran 3.2 ms',
  );
  t.match(formatReceipt({ ...receipt, restoreMs: 61.2 }), 'queued 0.5 ms, restored in 61.2 ms,');
  const again = { ...receipt, killedAtMib: 256 };
  t.match(formatReceipt(again), '(from 128), run again after it was killed at 256 MiB, resized');
  const parked = { ...receipt, resize: { ...receipt.resize, settled: false } };
  t.match(formatReceipt(parked), 'in 12.3 ms, not settled,');
});

t.test('times are read at a glance', async (t) => {
  t.equal(formatMs(0), '0.0 ms');
  t.equal(formatMs(1000), '1.00 s');
});
