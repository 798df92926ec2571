import fc from 'fast-check';
import t from 'tap';
import {
  accept,
  advance,
  isOver,
  type Progress,
  type Transaction,
} from '../../../src/memory/transaction.js';

const from = { pluggedMib: 128, limitMib: 128 };
const half = { pluggedMib: 300, limitMib: 128 };
const whole = { pluggedMib: 512, limitMib: 512 };

const after = (...progress: Progress[]): Transaction => progress.reduce(advance, accept(512, from));

t.test('a resize is accepted, converges and settles', async (t) => {
  t.same(after(), { requestedMib: 512, from, state: 'accepted', size: from });
  t.match(after({ kind: 'begun' }), { state: 'converging', size: from });
  const steps: Progress[] = [{ kind: 'begun' }, { kind: 'reached', size: half }];
  t.match(after(...steps), { state: 'converging', size: half });
  t.match(after(...steps, { kind: 'finished', settled: false }), { state: 'partial', size: half });
  steps.push({ kind: 'reached', size: whole }, { kind: 'finished', settled: true });
  t.match(after(...steps), { state: 'settled', from, size: whole });
});

t.test('one that fails says at which size', async (t) => {
  t.match(after({ kind: 'failed', size: from }), { state: 'failed', size: from });
  t.match(after({ kind: 'begun' }, { kind: 'failed', size: half }), {
    state: 'failed',
    size: half,
  });
});

t.test('what is not begun reaches nothing', async (t) => {
  t.throws(() => after({ kind: 'reached', size: half }), /accepted cannot be reached/);
  t.throws(() => after({ kind: 'finished', settled: true }), /accepted cannot be finished/);
  t.throws(() => after({ kind: 'begun' }, { kind: 'begun' }), /converging cannot be begun/);
});

const mib = fc.nat(1024);
const sizes = fc.record({ pluggedMib: mib, limitMib: mib });
const progress: fc.Arbitrary<Progress> = fc.oneof(
  fc.constant<Progress>({ kind: 'begun' }),
  sizes.map((size): Progress => ({ kind: 'reached', size })),
  fc.boolean().map((settled): Progress => ({ kind: 'finished', settled })),
  sizes.map((size): Progress => ({ kind: 'failed', size })),
);

t.test('whatever comes, an end is final and each size is one that was told', async (t) => {
  fc.assert(
    fc.property(fc.array(progress, { maxLength: 12 }), (all) => {
      let standing = accept(512, from);
      for (const one of all) {
        const before = standing;
        try {
          standing = advance(standing, one);
        } catch {
          continue;
        }
        if (isOver(before)) return false;
        const told = 'size' in one ? one.size : before.size;
        if (standing.size !== told || standing.from !== from) return false;
      }
      return true;
    }),
    { numRuns: 2000 },
  );
  t.pass();
});
