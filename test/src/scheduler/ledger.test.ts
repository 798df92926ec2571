import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { Ledger } from '../../../src/scheduler/ledger.js';

/** The obvious account: what each instance is charged and has reserved. */
type Model = Map<string, { charged: number; reserved: number }>;

const entryOf = (model: Model, id: string) => model.get(id) ?? { charged: 0, reserved: 0 };
const sumOf = (model: Model, of: 'charged' | 'reserved') =>
  [...model.values()].reduce((sum, entry) => sum + entry[of], 0);

class Reserve implements fc.Command<Model, Ledger> {
  readonly id: string;
  readonly mib: number;

  constructor(id: string, mib: number) {
    this.id = id;
    this.mib = mib;
  }

  check(model: Readonly<Model>): boolean {
    return entryOf(model as Model, this.id).reserved === 0;
  }

  run(model: Model, ledger: Ledger): void {
    const entry = entryOf(model, this.id);
    const used = sumOf(model, 'charged') + sumOf(model, 'reserved');
    const fits = used + this.mib <= ledger.budgetMib;
    assert.equal(ledger.reserve(this.id, this.mib), fits, this.toString());
    if (fits) model.set(this.id, { ...entry, reserved: this.mib });
    agree(model, ledger);
  }

  toString = () => `reserve(${this.id}, ${this.mib})`;
}

/** Settles at a share of what was admitted. */
class Settle implements fc.Command<Model, Ledger> {
  readonly id: string;
  readonly share: number;

  constructor(id: string, share: number) {
    this.id = id;
    this.share = share;
  }

  check = () => true;

  run(model: Model, ledger: Ledger): void {
    const { charged, reserved } = entryOf(model, this.id);
    const mib = Math.floor((charged + reserved) * this.share);
    ledger.settle(this.id, mib);
    if (model.has(this.id)) model.set(this.id, { charged: mib, reserved: 0 });
    agree(model, ledger);
  }

  toString = () => `settle(${this.id}, ${this.share} of what was admitted)`;
}

/** Settles at more than was admitted, which must change nothing. */
class Overdraw implements fc.Command<Model, Ledger> {
  readonly id: string;
  readonly extraMib: number;

  constructor(id: string, extraMib: number) {
    this.id = id;
    this.extraMib = extraMib;
  }

  check(model: Readonly<Model>): boolean {
    return model.has(this.id);
  }

  run(model: Model, ledger: Ledger): void {
    const { charged, reserved } = entryOf(model, this.id);
    const mib = charged + reserved + this.extraMib;
    assert.throws(() => ledger.settle(this.id, mib), { message: /never admitted/ });
    agree(model, ledger);
  }

  toString = () => `settle(${this.id}, ${this.extraMib} more than was admitted)`;
}

class Close implements fc.Command<Model, Ledger> {
  readonly id: string;

  constructor(id: string) {
    this.id = id;
  }

  check = () => true;

  run(model: Model, ledger: Ledger): void {
    ledger.close(this.id);
    model.delete(this.id);
    agree(model, ledger);
  }

  toString = () => `close(${this.id})`;
}

function agree(model: Model, ledger: Ledger): void {
  const { chargedMib, reservedMib, freeMib, budgetMib } = ledger;
  assert.deepEqual(
    { chargedMib, reservedMib },
    {
      chargedMib: sumOf(model, 'charged'),
      reservedMib: sumOf(model, 'reserved'),
    },
  );
  assert.ok(chargedMib + reservedMib <= budgetMib, 'charges and reservations fit the budget');
  assert.equal(freeMib, budgetMib - chargedMib - reservedMib);
  for (const [id, { charged }] of model) assert.equal(ledger.chargeOf(id), charged);
}

const ids = fc.constantFrom('a', 'b', 'c', 'd');
const commands = fc.commands(
  [
    fc.tuple(ids, fc.nat(1500)).map(([id, mib]) => new Reserve(id, mib)),
    fc.tuple(ids, fc.constantFrom(0, 0.25, 0.5, 1)).map(([id, share]) => new Settle(id, share)),
    fc.tuple(ids, fc.integer({ min: 1, max: 99 })).map(([id, mib]) => new Overdraw(id, mib)),
    ids.map((id) => new Close(id)),
  ],
  { maxCommands: 40 },
);

t.test('whatever is asked of it, it never admits more than the budget', async (t) => {
  fc.assert(
    fc.property(fc.nat(4096), commands, (budgetMib, sequence) => {
      fc.modelRun(() => ({ model: new Map(), real: new Ledger(budgetMib) }), sequence);
    }),
  );
  t.pass();
});

t.test('an instance has one reservation at a time', async (t) => {
  const ledger = new Ledger(1000);
  t.ok(ledger.reserve('a', 100));
  t.throws(() => ledger.reserve('a', 100), { message: /cannot reserve 100 MiB for a/ });
  ledger.settle('a', 100);
  t.ok(ledger.reserve('a', 100), 'and may have another after it');
});

t.test('a refused reservation leaves no trace', async (t) => {
  const ledger = new Ledger(1000);
  t.notOk(ledger.reserve('a', 1001));
  t.match(ledger, { chargedMib: 0, reservedMib: 0, freeMib: 1000 });
  t.ok(ledger.reserve('a', 1000));
});

t.test('sizes that are none are refused, and change nothing', async (t) => {
  const ledger = new Ledger(1000);
  ledger.reserve('a', 500);
  for (const mib of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    t.throws(() => ledger.reserve('b', mib), { message: `The ledger cannot reserve ${mib} MiB` });
    t.throws(() => ledger.settle('a', mib), { message: `The ledger never admitted ${mib} MiB` });
  }
  t.match(ledger, { chargedMib: 0, reservedMib: 500 });
});

t.test('who was closed is settled for good', async (t) => {
  const ledger = new Ledger(1000);
  ledger.reserve('a', 500);
  ledger.close('a');
  ledger.settle('a', 500);
  ledger.close('a');
  t.match(ledger, { chargedMib: 0, reservedMib: 0 });
  t.equal(ledger.chargeOf('a'), 0);
});
