/** Where templates are not cloned, instances read them whole; nothing but the speed changes. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { openLive } from './live.js';

const maxMib = 512;
const cpuMillis = 1000;
const bytesPerMib = 1024 * 1024;

t.setTimeout(10 * 60_000);

for (const mechanism of ['virtio-mem', 'balloon']) {
  t.test(mechanism, async (t) => {
    const live = await openLive(t, {
      // What a balloon discards rules clones out, whoever asks for them.
      BALLAST_START: mechanism === 'balloon' ? 'clone' : 'restore',
      BALLAST_MECHANISM: mechanism,
      BALLAST_MAX_MEMORY_MIB: String(maxMib),
    });
    const Runtime = await live.runtime('python');
    await live.deploy('keep', 'keep.py', { Runtime, Handler: 'keep.handler' });

    await t.test('the host says why', async (t) => {
      const { body } = await live.call('GET', '/v1/host');
      const reason = mechanism === 'balloon' ? /balloon/ : /BALLAST_START=restore/;
      t.match(body.start, { name: 'restore', reason });
      t.equal(body.memory.chargedMib, 0, 'no memory is set aside for templates');
    });

    await t.test('a template is a whole state, and no memory is kept of it', async (t) => {
      const { body } = await live.call('PUT', `/v1/templates/${Runtime}`);
      t.match(body, { of: Runtime, state: 'ready', memoryMib: 0 });
      const dir = join(live.stateDir, 'templates', 'made', body.key);
      t.notOk((await readdir(dir)).includes('boot.ram'));
      const { size } = await stat(join(dir, 'device.state'));
      t.ok(size > 32 * bytesPerMib, `${Math.round(size / bytesPerMib)} MiB of state`);
    });

    await t.test('an instance of it is resized as any is, and keeps what it has', async (t) => {
      const mib = 90;
      const first = await live.invoke('keep', { mib }, { requestedMib: 256, cpuMillis });
      t.match(first, { functionError: null, body: { keptMib: 0, limitMib: 256 } });
      const { instanceId, start, pluggedMib } = first.receipt;
      t.equal(start, 'restore');
      t.equal(pluggedMib, 256);
      for (const requestedMib of [maxMib, 301, 160, 256]) {
        const next = await live.invoke('keep', {}, { requestedMib, cpuMillis });
        t.match(next, { functionError: null, body: { keptMib: mib, wholeMib: mib } });
        t.match(next.receipt, { instanceId, start: 'warm', limitMib: requestedMib });
        t.match(next.receipt.resize, { mechanism, state: 'settled' });
      }
    });

    await t.test('the next begins like it', async (t) => {
      const [instance] = await live.instances();
      await live.call('DELETE', `/v1/instances/${instance?.instanceId}`);
      const { receipt, body } = await live.invoke('keep', {}, { requestedMib: 128, cpuMillis });
      t.match(receipt, { start: 'restore', limitMib: 128 });
      t.match(body, { keptMib: 0 }, 'and with nothing of it');
    });
  });
}
