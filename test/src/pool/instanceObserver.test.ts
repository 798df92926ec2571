import t from 'tap';
import { openStarted } from './instanceBench.js';

t.test('each resize is told of, with what it came to', async (t) => {
  const { instance, domain, guest, answers, resized } = await openStarted(t, 128, 0);
  await instance.resize(256);
  await instance.resize(255);
  domain.onAsk = () => {
    domain.pluggedMib = 200;
  };
  await instance.resize(128);
  answers.claim = (one) => guest.fail(one, { code: 'memory-held', message: 'no', heldBytes: 9 });
  await t.rejects(instance.resize(64), { code: 'MEMORY_HELD' });
  t.match(resized, [
    { mechanism: 'virtio-mem', state: 'settled', ms: Number },
    { mechanism: 'none', state: 'settled' },
    { mechanism: 'virtio-mem', state: 'partial' },
    { mechanism: 'virtio-mem', state: 'failed', ms: Number },
  ]);
  t.equal(resized.length, 4);
});
