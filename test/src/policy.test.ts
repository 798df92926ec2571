import t from 'tap';
import { mechanisms } from '../../src/memory/elastic.js';
import { policyFor } from '../../src/policy.js';

type Policy = ReturnType<typeof policyFor>;

const numbersOf = ({
  queue,
  keepAlive,
  shells,
  preparesShells,
  ...rest
}: Policy): Record<string, number> => {
  const { missShare, ...wholes } = shells;
  t.type(preparesShells, 'boolean');
  return { ...rest, ...queue, ...keepAlive, ...wholes, missPerMille: missShare * 1000 };
};

t.test('everything is bounded', async (t) => {
  for (const accelerator of ['kvm', 'tcg'] as const) {
    for (const mechanism of mechanisms) {
      for (const [name, value] of Object.entries(numbersOf(policyFor(accelerator, mechanism)))) {
        const where = `${accelerator} and ${mechanism}`;
        t.ok(Number.isSafeInteger(value) && value > 0, `${where}: ${name} is ${value}`);
      }
    }
  }
});

t.test('emulation gets more time and memory, and less of nothing', async (t) => {
  const [kvm, tcg] = [
    numbersOf(policyFor('kvm', 'virtio-mem')),
    numbersOf(policyFor('tcg', 'virtio-mem')),
  ];
  const more = Object.keys(kvm).filter((name) => Number(tcg[name]) > Number(kvm[name]));
  const slower = ['bootTimeoutMs', 'initTimeoutMs', 'loadTimeoutMs', 'refillMs', 'settleMs'];
  const hotter = ['minHotMs', 'maxHotMs'];
  t.same(more.sort(), [...slower, ...hotter, 'overheadMib', 'shellMib'].sort());
  for (const name of Object.keys(kvm)) t.ok(Number(tcg[name]) >= Number(kvm[name]), name);
});

t.test('with KVM a runtime may initialise as long as Lambda lets it', async (t) => {
  t.equal(policyFor('kvm', 'virtio-mem').initTimeoutMs, 10_000);
});
