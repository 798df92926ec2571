/** The connection to libvirt's daemon is cut: in the middle of a resize, and between two. */
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { findQemuPid } from '../../src/pool/resident.js';
import { QemuDaemon } from '../support/qemuDaemon.js';
import { openFaulty } from './faulty.js';

const { skip } = QemuDaemon;
t.setTimeout(10 * 60_000);

t.test('libvirt goes and comes back', { skip, timeout: 600_000 }, async (t) => {
  const daemon = await QemuDaemon.start();
  const faulty = await openFaulty(t, daemon);

  t.test('in the middle of a resize', async (t) => {
    const instance = await faulty.serving();
    const { failure } = await faulty.growing(instance);
    await delay(500);
    await daemon.restart();
    t.match(await failure, {
      code: 'INSTANCE_LOST',
      message: new RegExp(`${instance.instanceId} broke while it was resized: .*next invocation`),
      details: { pluggedMib: 128, limitMib: 128 },
    });
    t.match(instance.transaction, { requestedMib: 1024, state: 'failed' });
    await faulty.recovers(instance);
    t.equal(await findQemuPid(instance.domain.uuid), null, 'its VM has gone');
  });

  t.test('an idle instance is found again, and resized', async (t) => {
    const { instanceId } = await faulty.serving();
    await daemon.restart();
    await delay(2_000);
    const { receipt, failure } = await faulty.invoke(256);
    t.equal(failure, null);
    t.match(receipt, { instanceId, start: 'warm', limitMib: 256, resize: { settled: true } });
  });

  t.test('one whose VM ended meanwhile is replaced', async (t) => {
    const { instanceId, domain } = await faulty.serving();
    await daemon.kill();
    process.kill(Number(await findQemuPid(domain.uuid)), 'SIGKILL');
    await daemon.restart();
    const { receipt, failure } = await faulty.invoke(128);
    t.equal(failure, null);
    t.not(receipt.instanceId, instanceId);
    t.match(receipt, { start: 'boot' });
    while (faulty.pool.all().length > 1) await delay(50);
    t.match(faulty.pool.all(), [{ instanceId: receipt.instanceId }]);
  });
});
