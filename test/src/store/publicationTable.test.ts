import t from 'tap';
import { contentOf } from '../../../src/store/publicationTable.js';
import { functionRecord } from '../../support/functionRecord.js';

t.test('the content is what an owner sets, in whatever order', async (t) => {
  const fn = functionRecord('f', { environment: { A: '1', B: '2' } });
  const turned = Object.fromEntries(Object.entries(fn).reverse()) as unknown as typeof fn;
  const same = { ...turned, environment: { B: '2', A: '1' } };
  t.equal(contentOf(same), contentOf(fn));
  const unset = { version: '3', revisionId: 'r', lastModified: 'now', state: { kind: 'pending' } };
  t.equal(contentOf({ ...fn, ...unset } as typeof fn), contentOf(fn));
  const set = { ...fn, code: { ...fn.code, sha256: '1'.repeat(64) } };
  t.not(contentOf(set), contentOf(fn));
  t.not(contentOf({ ...fn, environment: { A: '1', B: '3' } }), contentOf(fn));
  t.not(contentOf({ ...fn, description: 'x' }), contentOf(fn));
});
