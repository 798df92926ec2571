import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { IdleIndex, type IdleInstance } from '../../../src/scheduler/idleIndex.js';

const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
const instances = fc.record({
  instanceId: fc.constantFrom(...ids),
  functionName: fc.constantFrom('f', 'g'),
  versionKey: fc.constant('f:1'),
  revisionId: fc.constantFrom('1', '2'),
  chargedMib: fc.integer({ min: 1, max: 9 }),
  deflatableMib: fc.nat(3),
  idleSinceMs: fc.nat(3),
  hotUntilMs: fc.nat(3),
  priority: fc.oneof(fc.nat(3), fc.constant(Number.NEGATIVE_INFINITY)),
  isProtected: fc.boolean(),
});
const steps = fc.array(
  fc.oneof(fc.record({ put: instances }), fc.record({ remove: fc.constantFrom(...ids, 'nobody') })),
  { maxLength: 60 },
);

const sum = (instances: readonly IdleInstance[], of: (one: IdleInstance) => number) =>
  instances.reduce((total, one) => total + of(one), 0);

function check(index: IdleIndex, all: readonly IdleInstance[]): void {
  const exposed = all.filter(({ isProtected }) => !isProtected);
  assert.equal(index.size, all.length);
  assert.deepEqual([...index.all()].sort(byId), all.toSorted(byId));
  assert.equal(
    index.evictableMib,
    sum(exposed, ({ chargedMib }) => chargedMib),
  );
  assert.equal(
    index.deflatableMib,
    sum(exposed, ({ deflatableMib }) => deflatableMib),
  );
  const evictable = [...index.inEvictionOrder()];
  assert.deepEqual(evictable.toSorted(byId), exposed.toSorted(byId));
  assert.ok(
    evictable.every((one, n) => n === 0 || (evictable[n - 1]?.priority ?? 0) <= one.priority),
  );
  const hot = [...index.inDeflationOrder()];
  assert.deepEqual(
    hot.toSorted(byId),
    exposed.filter(({ deflatableMib }) => deflatableMib > 0).toSorted(byId),
  );
  assert.ok(hot.every((one, n) => n === 0 || (hot[n - 1]?.hotUntilMs ?? 0) <= one.hotUntilMs));
  for (const name of ['f', 'g', 'h']) {
    assert.equal(
      index.hasAny(name),
      all.some(({ functionName }) => functionName === name),
    );
  }
}

const byId = (one: IdleInstance, other: IdleInstance) =>
  one.instanceId < other.instanceId ? -1 : 1;

t.test('it tells what a list would', async (t) => {
  fc.assert(
    fc.property(steps, (sequence) => {
      const index = new IdleIndex();
      let all: IdleInstance[] = [];
      for (const step of sequence) {
        const instanceId = 'put' in step ? step.put.instanceId : step.remove;
        all = all.filter((one) => one.instanceId !== instanceId);
        if ('put' in step) {
          index.put(step.put);
          all.push(step.put);
        } else index.remove(step.remove);
        check(index, all);
        assert.equal(index.get(instanceId), 'put' in step ? step.put : undefined);
      }
    }),
    { numRuns: 500 },
  );
  t.pass();
});
