import t from 'tap';
import { limitsFor, vcpusFor } from '../../../src/memory/cpu.js';

t.test('1,769 MiB are one processor, and the share follows the size', async (t) => {
  t.equal(limitsFor(1769, 6).cpuQuotaUs, 100_000);
  t.equal(limitsFor(128, 6).cpuQuotaUs, 7236);
  t.equal(limitsFor(3538, 6).cpuQuotaUs, 200_000);
});

t.test('no share goes beyond the processors that there are', async (t) => {
  t.equal(limitsFor(10_240, 2).cpuQuotaUs, 200_000);
});

t.test('the memory limit is exact', async (t) => {
  t.equal(limitsFor(129, 1).memoryBytes, 129 * 1024 * 1024);
});

t.test('an instance has the processors that its largest size can use, if they exist', async (t) => {
  t.equal(vcpusFor(10_240, 64), 6);
  t.equal(vcpusFor(10_240, 2), 2);
  t.equal(vcpusFor(512, 64), 1);
});
