import t from 'tap';
import { Refusals } from '../../../src/scheduler/refusals.js';

t.test('whoever needs as much of a revision as was refused is refused', async (t) => {
  const refusals = new Refusals();
  t.notOk(refusals.covers('1', 512));
  refusals.note('1', 512);
  t.ok(refusals.covers('1', 512));
  t.ok(refusals.covers('1', 513));
  t.notOk(refusals.covers('1', 511), 'less may be there');
  t.notOk(refusals.covers('2', 1024), 'another revision has instances of its own');
});

t.test('the least that was refused counts, in whatever order', async (t) => {
  const refusals = new Refusals();
  for (const chargeMib of [512, 256, 1024]) refusals.note('1', chargeMib);
  t.ok(refusals.covers('1', 256));
  t.notOk(refusals.covers('1', 255));
});
