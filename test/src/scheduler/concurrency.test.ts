import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { Concurrency } from '../../../src/scheduler/concurrency.js';
import { functionRecord } from '../../support/functionRecord.js';

const f = functionRecord('f');

const goneWith = (functionName: string) => ({
  functionName,
  version: null,
  keepRevisionId: null,
});

t.test('as many run as are reserved, and no more', async (t) => {
  const concurrency = new Concurrency(10_000, 100);
  concurrency.admit('f');
  concurrency.reserve('f', 2, 100);
  concurrency.admit('f');
  t.throws(() => concurrency.admit('f'), {
    code: 'CONCURRENCY_EXCEEDED',
    message: /2 invocations of f run or wait/,
    retryAfterSeconds: 1,
  });
  concurrency.admit('g');
  concurrency.ended('f');
  concurrency.admit('f');
  t.throws(() => concurrency.admit('f'), { code: 'CONCURRENCY_EXCEEDED' });
  concurrency.reserve('f', 0, 100);
  concurrency.ended('f');
  concurrency.ended('f');
  t.throws(() => concurrency.admit('f'), { message: /reserved concurrency of 0/ });
  concurrency.reserve('f', null, 100);
  concurrency.admit('f');
  t.notOk(concurrency.isKept('f'));
});

t.test('others are left what is not kept', async (t) => {
  const concurrency = new Concurrency(10_000, 100);
  concurrency.reserve('f', 3, 200);
  t.equal(concurrency.withheldFrom('g'), 600);
  t.equal(concurrency.withheldFrom('f'), 0, 'it is kept for itself');
  t.equal(concurrency.ownMib('f'), 600);
  t.equal(concurrency.ownMib('g'), 0);
  concurrency.noted('f', { instances: 1, idle: 1 });
  t.equal(concurrency.withheldFrom('g'), 400);
  concurrency.noted('f', { instances: 5, idle: 1 });
  t.equal(concurrency.withheldFrom('g'), 0);
  concurrency.retire(goneWith('f'));
  concurrency.noted('f', { instances: 0, idle: 0 });
  t.equal(concurrency.withheldFrom('g'), 0);
});

t.test('idle instances are spared as far as others do not serve already', async (t) => {
  const concurrency = new Concurrency(10_000, 100);
  t.equal(concurrency.protectedIdle('f'), 0);
  concurrency.reserve('f', 3, 200);
  concurrency.noted('f', { instances: 5, idle: 4 });
  t.equal(concurrency.protectedIdle('f'), 2);
  concurrency.noted('f', { instances: 5, idle: 1 });
  t.equal(concurrency.protectedIdle('f'), 0);
  concurrency.noted('f', { instances: 1, idle: 1 });
  t.equal(concurrency.protectedIdle('f'), 1);
});

t.test('what is provisioned is among what is reserved', async (t) => {
  const concurrency = new Concurrency(10_000, 100);
  concurrency.reserve('f', 3, 200);
  concurrency.provision(f, 2, 200);
  t.equal(concurrency.withheldFrom('g'), 600);
  concurrency.provision(f, 4, 200);
  t.equal(concurrency.withheldFrom('g'), 800);
  t.equal(concurrency.provisionOf(f), 4);
  t.match(concurrency.provisions(), [{ fn: f, count: 4 }]);
  concurrency.retire({ functionName: 'f', version: null, keepRevisionId: 'another' });
  t.same(concurrency.provisions(), []);
  t.equal(concurrency.withheldFrom('g'), 600, 'what is reserved stays');
  const second = functionRecord('f', { version: '2', revisionId: 'of version 2' });
  concurrency.provision(second, 1, 200);
  concurrency.retire({ functionName: 'f', version: '$LATEST', keepRevisionId: null });
  t.equal(concurrency.provisionOf(second), 1, 'another version is not concerned');
  concurrency.provision(second, 0, 200);
  concurrency.provision(f, 1, 200);
  concurrency.provision(f, 0, 200);
  t.equal(concurrency.provisionOf(f), 0);
});

t.test('more than the budget has cannot be kept, and less always can', async (t) => {
  const concurrency = new Concurrency(1_000, 100);
  concurrency.reserve('f', 4, 200);
  t.throws(() => concurrency.reserve('g', 1, 200), {
    code: 'INVALID_PARAMETER',
    message: /keep 1 instances for g takes 200 MiB; 100 MiB of the budget/,
  });
  t.throws(() => concurrency.provision(f, 5, 200), { code: 'INVALID_PARAMETER' });
  t.equal(concurrency.withheldFrom('g'), 800, 'nothing has changed');
  concurrency.reserve('f', 3, 200);
  concurrency.reserve('g', 1, 200);
});

const steps = fc.array(
  fc.oneof(
    fc.record({
      reserved: fc.option(fc.nat(5)),
      name: fc.constantFrom('f', 'g'),
      chargeMib: fc.integer({ min: 1, max: 300 }),
    }),
    fc.record({ count: fc.nat(5), name: fc.constantFrom('f', 'g'), chargeMib: fc.nat(300) }),
    fc.record({ instances: fc.nat(9), idle: fc.nat(9), name: fc.constantFrom('f', 'g') }),
    fc.record({ retired: fc.constantFrom('f', 'g') }),
  ),
);

type Step = typeof steps extends fc.Arbitrary<readonly (infer T)[]> ? T : never;

function apply(concurrency: Concurrency, step: Step): void {
  if ('reserved' in step) concurrency.reserve(step.name, step.reserved, step.chargeMib);
  else if ('count' in step) {
    concurrency.provision(functionRecord(step.name), step.count, step.chargeMib);
  } else if ('retired' in step) concurrency.retire(goneWith(step.retired));
  else {
    const { name, instances } = step;
    concurrency.noted(name, { instances, idle: Math.min(step.idle, instances) });
  }
}

t.test('nobody is left with less than nothing of the budget', async (t) => {
  fc.assert(
    fc.property(steps, (sequence) => {
      const concurrency = new Concurrency(2_000, 500);
      for (const step of sequence) {
        try {
          apply(concurrency, step);
        } catch (error) {
          assert.match(String(error), /can be kept for it/);
        }
        for (const name of ['f', 'g', 'h']) {
          const withheldMib = concurrency.withheldFrom(name);
          assert.ok(withheldMib >= 0 && withheldMib <= 1_500);
        }
      }
      for (const name of ['f', 'g']) concurrency.retire(goneWith(name));
      assert.equal(concurrency.withheldFrom('h'), 0, 'the account is even in the end');
    }),
  );
  t.pass();
});
