import t from 'tap';
import { chooseStart, type StartFacts, type StartWish } from '../../../src/pool/startMethod.js';

const able: StartFacts = {
  mechanism: 'virtio-mem',
  confinement: null,
  launcherProblem: null,
  budgetMib: 4096,
  templatesMib: 768,
};

/** Wish, what differs from a host that can clone, and what is chosen with its reason. */
type Row = readonly [StartWish, Partial<StartFacts>, 'clone' | 'restore' | 'boot', RegExp];

const rows: readonly Row[] = [
  ['auto', {}, 'clone', /copy-on-write/],
  ['clone', {}, 'clone', /^BALLAST_START=clone asks for it$/],
  ['restore', {}, 'restore', /^BALLAST_START=restore asks for it$/],
  ['boot', {}, 'boot', /^BALLAST_START=boot asks for it$/],
  ['auto', { mechanism: 'balloon' }, 'restore', /balloon/],
  ['clone', { mechanism: 'balloon' }, 'restore', /balloon/],
  ['restore', { mechanism: 'balloon' }, 'restore', /asks for it/],
  ['auto', { mechanism: 'process' }, 'boot', /agent/],
  ['clone', { mechanism: 'process' }, 'boot', /agent/],
  ['restore', { mechanism: 'process' }, 'boot', /agent/],
  ['boot', { mechanism: 'process' }, 'boot', /asks for it/],
  ['auto', { confinement: 'apparmor' }, 'restore', /^apparmor keeps QEMU/],
  ['clone', { confinement: 'selinux' }, 'restore', /^selinux keeps QEMU/],
  ['auto', { launcherProblem: 'no launcher' }, 'restore', /^no launcher$/],
  ['clone', { launcherProblem: 'no launcher' }, 'restore', /^no launcher$/],
  ['auto', { templatesMib: 1024 }, 'clone', /copy-on-write/],
  ['auto', { templatesMib: 1025 }, 'restore', /1025 MiB.*4096 MiB/],
  ['clone', { templatesMib: 4000 }, 'clone', /asks for it/],
];

for (const [wish, changes, name, reason] of rows) {
  t.test(`${wish} with ${JSON.stringify(changes)} is ${name}`, async (t) => {
    t.match(chooseStart(wish, { ...able, ...changes }), { name, reason });
  });
}
