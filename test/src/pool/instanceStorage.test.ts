import t from 'tap';
import { bootedMib, bytesPerMib, fn, openBench, openStarted } from './instanceBench.js';

t.test('storage is set when the runtime starts, and changed when it runs', async (t) => {
  const { instance, guest, answers, asked } = await openBench(t);
  const usedBytes = 3 * bytesPerMib + 1;
  answers.storage = (one) =>
    guest.reply(one, { storage: { sizeBytes: one.head.bytes, usedBytes } });
  t.equal(instance.storageMib, fn.ephemeralMib);
  t.same(await instance.setStorage(1024), { usedMib: 0 });
  t.same(asked(), [], 'there is no disk to ask of yet');
  await instance.startRuntime(bootedMib);
  t.equal(guest.requests[0]?.head.storageBytes, 1024 * bytesPerMib);
  t.same(await instance.setStorage(600), { usedMib: 4 });
  t.match(guest.requests[1]?.head, { op: 'storage', bytes: 600 * bytesPerMib });
  t.equal(instance.storageMib, 600);
});

t.test('storage that the guest did not change stays what it was', async (t) => {
  const { instance, guest, answers } = await openStarted(t);
  const refuse = (code: string, more = {}) => {
    answers.storage = (one) => guest.fail(one, { code, message: 'no', ...more });
  };
  refuse('storage-held', { heldBytes: 700 * bytesPerMib - 1 });
  await t.rejects(instance.setStorage(600), {
    code: 'STORAGE_HELD',
    message: /files take 700 MiB of \/tmp.* shrink to 600 MiB; it stays at 512 MiB/,
    details: { storageMib: 512, usedMib: 700 },
  });
  refuse('busy');
  await t.rejects(instance.setStorage(600), { code: 'INSTANCE_BUSY', message: /Try again/ });
  refuse('guest-error');
  await t.rejects(instance.setStorage(600), { code: 'guest-error' });
  t.equal(instance.storageMib, 512);
});
