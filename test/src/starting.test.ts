/** What is found out of this host and its libvirt before instances begin. */
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { Connection } from '../../lib/index.js';
import { readConfig } from '../../src/config.js';
import type { Hypervisor } from '../../src/hypervisor.js';
import { openStarting } from '../../src/starting.js';
import type { StateDirectory } from '../../src/stateDirectory.js';

/** A host of so many MiB whose libvirt says that it can so much. */
async function starting(
  t: Test,
  settings: Readonly<Record<string, string>>,
  capabilities = '<capabilities><host><cpu><model>EPYC</model></cpu></host></capabilities>',
) {
  const dir = t.testdir();
  const environment = { BALLAST_STATE_DIR: dir, BALLAST_MEMORY_MIB: '4096', ...settings };
  const facts = { isRoot: true, home: '/', availableMib: 4096 };
  const connection = { capabilities: async () => capabilities } as unknown as Connection;
  const hypervisor: Hypervisor = {
    connection,
    reopen: null,
    libvirt: { uri: '', version: '9.0.0' },
    qemu: { version: '7.2.0' },
  };
  const launcherDir = join(dir, 'launcher');
  const found = await openStarting({
    config: readConfig(environment, facts),
    state: { launcherDir } as StateDirectory,
    hypervisor,
    mechanism: 'virtio-mem',
    templatesMib: 768,
  });
  return { launcherDir, ...found };
}

t.test('where everything is at hand, instances are clones', async (t) => {
  const { choice, launcher, sharedMib, cpu, launcherDir } = await starting(t, {});
  t.equal(choice.name, 'clone');
  t.equal(launcher?.qemuPath, join(launcherDir, 'ballast-qemu'));
  await access(launcher?.ramPath ?? '');
  t.equal(sharedMib, 768, 'the budget pays for the templates');
  const cpuinfo = await readFile('/proc/cpuinfo', 'utf8');
  t.match(cpu.split('\n')[0], /^model name\s*: \S/);
  t.ok(cpuinfo.includes(cpu.split('\n')[1] ?? '-'), 'and of which processor they are');
  t.notMatch(cpu, /MHz/, 'nothing of it changes from moment to moment');
});

t.test('where another way is chosen, nothing is shared or launched', async (t) => {
  for (const name of ['boot', 'restore']) {
    const { choice, launcher, sharedMib } = await starting(t, { BALLAST_START: name });
    t.equal(choice.name, name);
    t.equal(launcher, null);
    t.equal(sharedMib, 0);
  }
});

t.test('a security module that libvirt confines QEMU by is named', async (t) => {
  for (const model of ['apparmor', 'selinux']) {
    const none = '<secmodel><model>dac</model></secmodel>';
    const capabilities = `<host>${none}<secmodel><model>${model}</model></secmodel></host>`;
    const { choice } = await starting(t, { BALLAST_START: 'clone' }, capabilities);
    t.match(choice, { name: 'restore', reason: new RegExp(`^${model} keeps QEMU`) });
  }
});

t.test('a daemon’s QEMU is that of a stranger, unless root hands it memory', async (t) => {
  const { getuid } = process;
  t.teardown(() => {
    process.getuid = getuid as () => number;
  });
  const uri = { BALLAST_LIBVIRT_URI: 'qemu:///system' };
  process.getuid = () => 0;
  t.equal((await starting(t, uri)).choice.name, 'clone');
  process.getuid = () => 1000;
  t.match((await starting(t, uri)).choice, { name: 'restore', reason: /qemu:\/\/\/system/ });
  t.equal((await starting(t, {})).choice.name, 'clone', 'its own is none');
});
