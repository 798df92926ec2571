/** What breaks in the middle of a resize: a clear error, a true ledger, and a next invocation. */
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { findQemuPid } from '../../src/pool/resident.js';
import { openFaulty } from './faulty.js';

const faulty = await openFaulty(t);

t.test('QEMU is killed', async (t) => {
  const instance = await faulty.serving();
  const { failure } = await faulty.growing(instance);
  const pid = await findQemuPid(instance.domain.uuid);
  t.ok(pid !== null);
  await delay(300);
  process.kill(Number(pid), 'SIGKILL');
  const error = await failure;
  t.match(error, { code: 'INSTANCE_LOST', message: new RegExp(instance.instanceId) });
  t.match(instance.transaction, { requestedMib: 1024, state: 'failed' });
  await faulty.recovers(instance);
});

t.test('the guest panics', async (t) => {
  const instance = await faulty.serving();
  const { domain } = instance;
  const { failure } = await faulty.growing(instance);
  await delay(300);
  // A machine check that no kernel survives: uncorrected, its processor context corrupt.
  const fatal = 'mce 0 4 0xbe00000000000000 0x7 0x0 0x0';
  await domain.qmp('human-monitor-command', { 'command-line': fatal });
  await domain.qmp('cont', {});
  const error = await failure;
  t.match(error, { code: 'INSTANCE_LOST' });
  await faulty.recovers(instance);
});

t.test('the agent is cut off', async (t) => {
  const instance = await faulty.serving();
  const { domain } = instance;
  const { failure } = await faulty.growing(instance);
  await delay(300);
  await domain.qmp('device_del', { id: 'channel0' });
  await domain.qmp('cont', {});
  const error = await failure;
  t.match(error, { code: /INSTANCE_LOST|GUEST_TIMEOUT/ });
  await faulty.recovers(instance);
});
