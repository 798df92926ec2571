import { accessSync, constants, readFileSync } from 'node:fs';
import t from 'tap';
import { chooseAccelerator, readAcceleratorFacts } from '../../../src/pool/accelerator.js';

const able = { kvmOpens: true, cpuHasVirtualization: true };
const closed = { kvmOpens: false, cpuHasVirtualization: true };
const nested = { kvmOpens: true, cpuHasVirtualization: false };

t.test('auto takes KVM only where the device opens and the processor can', async (t) => {
  t.match(chooseAccelerator('auto', able), { kind: 'kvm', reason: /processor/ });
  t.match(chooseAccelerator('auto', closed), { kind: 'tcg', reason: /\/dev\/kvm/ });
  t.match(chooseAccelerator('auto', nested), { kind: 'tcg', reason: /neither vmx nor svm/ });
  t.equal(chooseAccelerator('auto', { kvmOpens: false, cpuHasVirtualization: false }).kind, 'tcg');
});

t.test('what is asked for by name is taken, and the reason says so', async (t) => {
  t.match(chooseAccelerator('kvm', able), { kind: 'kvm', reason: /BALLAST_ACCEL=kvm/ });
  for (const facts of [able, closed, nested]) {
    t.match(chooseAccelerator('tcg', facts), { kind: 'tcg', reason: /BALLAST_ACCEL=tcg/ });
  }
});

t.test('KVM that cannot work is refused with the obstacle and the cure', async (t) => {
  const cure = /Use auto or tcg/;
  t.throws(() => chooseAccelerator('kvm', closed), { code: 'HOST_UNUSABLE', message: cure });
  t.throws(() => chooseAccelerator('kvm', closed), { message: /\/dev\/kvm does not open/ });
  t.throws(() => chooseAccelerator('kvm', nested), { message: /neither vmx nor svm/ });
});

t.test('the facts are those of this host', async (t) => {
  const flags = readFileSync('/proc/cpuinfo', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('flags'))
    .flatMap((line) => line.split(/\s+/));
  const kvmOpens = (() => {
    try {
      accessSync('/dev/kvm', constants.R_OK | constants.W_OK);
      return true;
    } catch {
      return false;
    }
  })();
  const cpuHasVirtualization = flags.includes('vmx') || flags.includes('svm');
  t.same(await readAcceleratorFacts(), { kvmOpens, cpuHasVirtualization });
});
