import t from 'tap';
import { upkeepOf } from '../../../src/scheduler/upkeep.js';

t.test('what is to be deflated is, where that frees enough to be worth it', async (t) => {
  t.equal(upkeepOf('deflated', 16), 'deflate');
  t.equal(upkeepOf('deflated', 15), 'keep');
  t.equal(upkeepOf('hot', 1000), 'keep');
  t.equal(upkeepOf('evicted', 0), 'evict');
});
