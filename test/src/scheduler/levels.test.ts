import fc from 'fast-check';
import t from 'tap';
import { groupOf, lowestOf } from '../../../src/scheduler/levels.js';

t.test('small levels are by themselves, larger ones in groups', async (t) => {
  const groups = Array.from({ length: 17 }, (_, n) => groupOf(n + 1));
  t.same(groups, [0, 1, 2, 3, 4, 4, 5, 5, 6, 6, 6, 6, 7, 7, 7, 7, 8]);
  t.equal(groupOf(0), 0, 'nothing runs: the next call is the first');
});

t.test('a group begins at its lowest level, and no level is in two', async (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100_000 }), (level) => {
      const group = groupOf(level);
      return lowestOf(group) <= level && level < lowestOf(group + 1);
    }),
  );
  fc.assert(fc.property(fc.nat(30), (group) => groupOf(lowestOf(group)) === group));
  t.pass();
});
