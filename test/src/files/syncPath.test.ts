import { join } from 'node:path';
import t from 'tap';
import { syncPath } from '../../../src/files/syncPath.js';
import { recordSyncs } from '../../support/recordSyncs.js';

t.test('files and directories are synced', async (t) => {
  const synced = await recordSyncs(t);
  const dir = t.testdir({ file: 'text' });
  await syncPath(join(dir, 'file'));
  await syncPath(dir);
  t.same(synced, [join(dir, 'file'), dir]);
});

t.test('what is not there cannot be synced', async (t) => {
  await t.rejects(syncPath(join(t.testdir(), 'none')), { code: 'ENOENT' });
});
