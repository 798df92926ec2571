import t from 'tap';
import { retireOthers } from '../../../src/api/retirement.js';
import { openBench } from './harness.js';

t.test('what is retired is what is not there', async (t) => {
  const bench = await openBench(t);
  const { create, store, service } = bench;
  const retired = (version: string) => {
    service.retired.length = 0;
    retireOthers(bench, 'hello', version);
    return service.retired;
  };
  await create('hello', { Publish: true });
  const [latest, one] = [store.get('hello').revisionId, store.get('hello', '1').revisionId];
  t.same(retired('$LATEST'), [['hello', latest, '$LATEST']]);
  t.same(retired('1'), [['hello', one, '1']]);
  t.same(retired('2'), [['hello', null, '2']], 'a version that was deleted');
  store.delete('hello');
  t.same(retired('1'), [['hello', null, undefined]], 'all versions, and what is known of them');
});
