import fc from 'fast-check';
import t from 'tap';
import { cpuMillisFor, limitsFor, maxCpuMillisFor, vcpusFor } from '../../../src/memory/cpu.js';
import { limits } from '../../../src/model/limits.js';

t.test('1,769 MiB are one processor, and the share follows the size', async (t) => {
  t.equal(cpuMillisFor(1769, null, 6), 1000);
  t.equal(cpuMillisFor(128, null, 6), 72);
  t.equal(cpuMillisFor(3538, null, 6), 2000);
  t.equal(cpuMillisFor(10_240, null, 6), 5789);
});

t.test('the share that was asked for takes the place of that', async (t) => {
  t.equal(cpuMillisFor(128, 1500, 6), 1500);
  t.equal(cpuMillisFor(10_240, 10, 6), 10);
});

t.test('no share goes beyond the processors that there are', async (t) => {
  t.equal(cpuMillisFor(10_240, null, 2), 2000);
  t.equal(cpuMillisFor(128, 6000, 2), 2000);
  t.equal(maxCpuMillisFor(2), 2000);
});

t.test('whatever is asked for, the kernel takes the quota', async () => {
  const asked = fc.option(fc.integer({ min: 0, max: 100_000 }));
  const sizes = fc.integer({ min: 1, max: limits.maxMemoryMib });
  const vcpus = fc.integer({ min: 1, max: 6 });
  fc.assert(
    fc.property(sizes, asked, vcpus, (requestedMib, askedCpuMillis, count) => {
      const millis = cpuMillisFor(requestedMib, askedCpuMillis, count);
      const { cpuQuotaUs, cpuPeriodUs } = limitsFor(requestedMib, millis);
      const quotaUs = cpuQuotaUs ?? Number.NaN;
      return Number.isInteger(quotaUs) && quotaUs >= 1000 && quotaUs <= count * cpuPeriodUs;
    }),
  );
});

t.test('more memory is never less of the processor', async () => {
  const sizes = fc.integer({ min: 1, max: limits.maxMemoryMib });
  fc.assert(
    fc.property(sizes, sizes, (one, other) => {
      const [less, more] = one < other ? [one, other] : [other, one];
      return cpuMillisFor(less, null, 6) <= cpuMillisFor(more, null, 6);
    }),
  );
});

t.test('the memory limit is exact', async (t) => {
  t.equal(limitsFor(129, 1000).memoryBytes, 129 * 1024 * 1024);
});

t.test('an instance has the processors that Lambda gives, if they exist', async (t) => {
  t.equal(vcpusFor(64), 6);
  t.equal(vcpusFor(2), 2);
  t.equal(vcpusFor(1), 1);
});
