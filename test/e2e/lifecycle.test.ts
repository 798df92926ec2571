/** The service's own life: functions outlive it, VMs do not. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { startService } from '../support/serviceProcess.js';
import { functionsPath, openLive } from './live.js';

const live = await openLive(t);
live.defaults = { cpuMillis: 1000 };
await live.deploy('slow', 'misbehave.mjs', {
  Runtime: await live.runtime('nodejs'),
  Handler: 'misbehave.handler',
});

/** Processes with a path of the service's state directory on their command line: its QEMUs. */
async function virtualMachines(): Promise<number[]> {
  const pids = (await readdir('/proc')).map(Number).filter(Number.isInteger);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const commandLine = await readFile(join('/proc', String(pid), 'cmdline'), 'utf8').catch(
        () => '',
      );
      return commandLine.includes('qemu-system') && commandLine.includes(live.stateDir);
    }),
  );
  return pids.filter((_pid, index) => found[index]);
}

async function untilBusy(): Promise<void> {
  while (!(await live.instances()).some(({ state }) => state === 'busy')) await delay(50);
}

t.test('a second service is refused the state directory', async (t) => {
  await t.rejects(startService(live.stateDir), { message: new RegExp(live.stateDir) });
});

t.test('a port in use is an error that names it', async (t) => {
  const address = new URL(live.endpoint).host;
  const other = `${live.stateDir}/other`;
  await t.rejects(startService(other, { BALLAST_LISTEN: address }), {
    message: new RegExp(`BALLAST_LISTEN=${address}`),
  });
});

t.test('what a killed service left is ended by the next; functions are still there', async (t) => {
  await live.invoke('slow', { deed: 'answer' });
  const running = live.invoke('slow', { deed: 'wait', ms: 60_000 }).catch(() => 'cut off');
  await untilBusy();
  const left = await virtualMachines();
  // The instance; and it may be that shells are kept for others.
  t.not(left.length, 0);
  await live.stop('SIGKILL');
  t.equal(await running, 'cut off');
  const orphans = await virtualMachines();
  for (const machine of left) t.ok(orphans.includes(machine), 'its VMs outlive a killed service');
  await live.start();
  const present = await virtualMachines();
  t.same(
    orphans.filter((machine) => present.includes(machine)),
    [],
  );
  t.same(await live.instances(), []);
  const { body } = await live.call('GET', functionsPath);
  t.match(body, { Functions: [{ FunctionName: 'slow' }] });
  t.match(await live.invoke('slow', { deed: 'answer' }), { functionError: null });
});

t.test('a service told to stop lets an invocation finish, then ends its VMs', async (t) => {
  const running = live.invoke('slow', { deed: 'wait', ms: 2000 });
  await untilBusy();
  t.equal(await live.stop('SIGTERM'), 0);
  t.match(await running, { status: 200, functionError: null, body: { waitedMs: 2000 } });
  t.same(await virtualMachines(), []);
});

t.test('one that takes longer fails, and so does what waits for a boot', async (t) => {
  await live.start();
  await live.invoke('slow', { deed: 'answer' });
  const running = live.invoke('slow', { deed: 'wait', ms: 50_000 });
  await untilBusy();
  const booting = live.invoke('slow', { deed: 'answer' });
  await delay(500);
  const { child, log } = live.process;
  child.kill('SIGTERM');
  while (!log().includes('"stopping"')) await delay(20);
  t.equal(await live.stop('SIGTERM'), 0, 'a second signal ends the grace');
  const stopping = { status: 503, body: { Message: /The service is stopping/ } };
  t.match(await running, stopping);
  t.match(await booting, stopping);
  t.same(await virtualMachines(), []);
});
