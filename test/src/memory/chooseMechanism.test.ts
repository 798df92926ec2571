import t from 'tap';
import { chooseMechanism } from '../../../src/memory/chooseMechanism.js';
import { mechanisms } from '../../../src/memory/elastic.js';

const known = { libvirt: '9.0.0', qemu: '7.2.22' };

t.test('virtio-mem where libvirt and QEMU know it', async (t) => {
  for (const libvirt of ['7.9.0', '9.0.0', '11.3.0']) {
    t.equal(chooseMechanism('auto', { ...known, libvirt }).name, 'virtio-mem', libvirt);
  }
  for (const qemu of ['5.1.0', '10.0.13']) {
    t.equal(chooseMechanism('auto', { ...known, qemu }).name, 'virtio-mem', qemu);
  }
});

t.test('a balloon where they are too old for it, and why', async (t) => {
  const choice = chooseMechanism('auto', { libvirt: '7.8.9', qemu: '7.2.0' });
  t.equal(choice.name, 'balloon');
  t.match(choice.reason, /needs libvirt 7\.9\.0.*here are libvirt 7\.8\.9/);
  t.equal(chooseMechanism('auto', { ...known, qemu: '5.0.1' }).name, 'balloon');
});

t.test('what is asked for is had', async (t) => {
  for (const wish of mechanisms) {
    t.match(chooseMechanism(wish, known), { name: wish, reason: `BALLAST_MECHANISM=${wish}` });
  }
});

t.test('virtio-mem cannot be had from those that lack it', async (t) => {
  t.throws(() => chooseMechanism('virtio-mem', { ...known, libvirt: '6.0.0' }), {
    code: 'HOST_UNUSABLE',
    message: /BALLAST_MECHANISM=virtio-mem cannot be had.*libvirt 6\.0\.0.*balloon/,
  });
});
