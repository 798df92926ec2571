import fc from 'fast-check';
import t from 'tap';
import { blockMib, coveredBy, floorFor } from '../../../src/memory/geometry.js';
import { chargeFor, geometryFor } from '../../../src/pool/charge.js';

const overheadMib = 128;
const budgets = fc.integer({ min: 0, max: 65_536 });
const wishes = fc.integer({ min: 128, max: 10_240 });

t.test('the largest size fits the budget, and one block more would not', async (t) => {
  fc.assert(
    fc.property(budgets, wishes, (budgetMib, wishMib) => {
      const geometry = geometryFor(budgetMib, overheadMib, wishMib);
      const { maxMib } = geometry;
      const fits = chargeFor({ budgetMib, geometry, overheadMib }, maxMib) <= budgetMib;
      const next = maxMib + blockMib;
      const isLargest = next > wishMib || overheadMib + floorFor(next) + next > budgetMib;
      return (fits || maxMib === 0) && isLargest && maxMib % blockMib === 0 && maxMib <= wishMib;
    }),
  );
  t.pass();
});

t.test('the floor of a geometry carries its largest size', async (t) => {
  fc.assert(
    fc.property(budgets, wishes, (budgetMib, wishMib) => {
      const { floorMib, maxMib } = geometryFor(budgetMib, overheadMib, wishMib);
      return coveredBy(floorMib) >= maxMib;
    }),
  );
  t.pass();
});

t.test('a charge is the overhead, the floor and what is plugged for the size', async (t) => {
  const geometry = { floorMib: 176, blockMib, maxMib: 2048 };
  const rules = { budgetMib: 4096, geometry, overheadMib };
  t.equal(chargeFor(rules, 128), 128 + 176 + 128);
  t.equal(chargeFor(rules, 129), 128 + 176 + 130, 'a started block is a whole one');
});

t.test('a budget too small for any instance leaves no size', async (t) => {
  t.equal(geometryFor(64, overheadMib, 10_240).maxMib, 0);
});
