import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import t, { type Test } from 'tap';
import { findQemuPid, readResident } from '../../../src/pool/resident.js';

/** A process that has a UUID among its arguments, as QEMU has, and tells when it runs. */
async function startNamed(t: Test, uuid: string): Promise<number> {
  const code = 'process.stdout.write("up"); process.stdin.resume();';
  const child = spawn(process.execPath, ['-e', code, '--', '-uuid', uuid], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return child.pid ?? -1;
}

t.test('a QEMU is found by the UUID among its arguments', async (t) => {
  const [one, other] = [randomUUID(), randomUUID()];
  const [pid, otherPid] = [await startNamed(t, one), await startNamed(t, other)];
  t.equal(await findQemuPid(one), pid);
  t.equal(await findQemuPid(other), otherPid);
  t.equal(await findQemuPid(randomUUID()), null);
});

t.test('resident memory counts what is touched', async (t) => {
  const touchedMib = 256;
  const touched = Buffer.alloc(touchedMib * 1024 * 1024, 1);
  const memory = await readResident(process.pid);
  const residentMib = memory?.residentMib ?? 0;
  t.ok(Number.isInteger(residentMib) && residentMib > touchedMib, `${residentMib} MiB`);
  t.equal(memory?.mergedMib, 0, 'nothing of it was given to be merged');
  t.equal(touched[touched.length - 1], 1);
});

t.test('a process that has gone has none', async (t) => {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  t.equal(await readResident(child.pid ?? -1), null);
});
