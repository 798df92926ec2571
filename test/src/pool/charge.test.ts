import fc from 'fast-check';
import t from 'tap';
import { blockMib, coveredBy, floorFor } from '../../../src/memory/geometry.js';
import { bootChargeFor, chargeFor, creditedCharge, geometryFor } from '../../../src/pool/charge.js';

const overheadMib = 128;
const isProvisioned = false;
const budgets = fc.integer({ min: 0, max: 65_536 });
const wishes = fc.integer({ min: 128, max: 10_240 });

t.test('the largest size fits the budget, and one block more would not', async (t) => {
  fc.assert(
    fc.property(budgets, wishes, (budgetMib, wishMib) => {
      const geometry = geometryFor(budgetMib, overheadMib, wishMib);
      const { maxMib } = geometry;
      const fits =
        chargeFor({ budgetMib, geometry, overheadMib, isProvisioned }, maxMib) <= budgetMib;
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
  const rules = { budgetMib: 4096, geometry, overheadMib, isProvisioned };
  t.equal(chargeFor(rules, 128), 128 + 176 + 128);
  t.equal(chargeFor(rules, 129), 128 + 176 + 130, 'a started block is a whole one');
});

t.test('a budget too small for any instance leaves no size', async (t) => {
  t.equal(geometryFor(64, overheadMib, 10_240).maxMib, 0);
});

const geometry = { floorMib: 176, blockMib, maxMib: 2048 };
const elastic = { budgetMib: 4096, geometry, overheadMib, isProvisioned };
const provisioned = { ...elastic, isProvisioned: true };

t.test('one that is provisioned at once pays for its largest size from the start', async (t) => {
  t.equal(bootChargeFor(elastic, 128), chargeFor(elastic, 128));
  t.equal(bootChargeFor(provisioned, 128), chargeFor(elastic, 2048));
});

t.test('what was given up is credited as far as the host is seen to have it', async (t) => {
  const [small, large] = [chargeFor(elastic, 128), chargeFor(elastic, 1024)];
  const credited = (residentMib: number) =>
    creditedCharge(elastic, large, 128, { residentMib, mergedMib: 0 });
  t.equal(credited(100), small, 'all of it');
  t.equal(credited(small + 50), small + 50, 'a part of it');
  t.equal(credited(large + 50), large, 'nothing, and no more than it was');
  t.equal(creditedCharge(elastic, large, 128, null), small, "unseen, QEMU's word counts");
  const seen = { residentMib: 100, mergedMib: 0 };
  t.equal(creditedCharge(elastic, small, 1024, seen), large, 'a grow is charged whatever is seen');
});

t.test('of one that is provisioned at once only what is merged is credited', async (t) => {
  const whole = bootChargeFor(provisioned, 128);
  const credited = (mergedMib: number) =>
    creditedCharge(provisioned, whole, 128, { residentMib: 100, mergedMib });
  t.equal(credited(0), whole, 'though little of it was ever touched');
  t.equal(credited(300), whole - 300);
  t.equal(credited(10_000), chargeFor(provisioned, 128));
  t.equal(creditedCharge(provisioned, whole, 128, null), whole);
});

t.test('a credited charge lies between the size and what was charged', async (t) => {
  const mib = fc.integer({ min: 0, max: 4096 });
  const seen = fc.option(fc.record({ residentMib: mib, mergedMib: mib }));
  fc.assert(
    fc.property(mib, mib, seen, fc.boolean(), (charged, plugged, memory, isProvisioned) => {
      const rules = { ...elastic, isProvisioned };
      const sizedMib = chargeFor(rules, plugged);
      const chargedMib = creditedCharge(rules, charged, plugged, memory);
      return chargedMib >= sizedMib && chargedMib <= Math.max(charged, sizedMib);
    }),
  );
  t.pass();
});
