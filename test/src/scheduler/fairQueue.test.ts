import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { FairQueue } from '../../../src/scheduler/fairQueue.js';

interface Call {
  readonly functionName: string;
  readonly nth: number;
  readonly cost: number;
}

function queueOf(calls: readonly Call[]): FairQueue<Call> {
  const queue = new FairQueue<Call>();
  for (const call of calls) queue.add(call, call.functionName, call.cost);
  return queue;
}

const burst = (functionName: string, length: number, cost: number): Call[] =>
  Array.from({ length }, (_, nth) => ({ functionName, nth, cost }));

/** Serves one. */
function next(queue: FairQueue<Call>): Call | undefined {
  let served: Call | undefined;
  queue.offer((call) => {
    if (served !== undefined) return false;
    served = call;
    return true;
  });
  return served;
}

function inOrder(queue: FairQueue<Call>): Call[] {
  const served: Call[] = [];
  for (let call = next(queue); call !== undefined; call = next(queue)) served.push(call);
  return served;
}

t.test('a burst to one function does not starve another', async (t) => {
  const queue = queueOf([...burst('f', 1000, 1), ...burst('g', 3, 1)]);
  const served = inOrder(queue).map(({ functionName }) => functionName);
  t.same(served.slice(0, 6), ['f', 'g', 'f', 'g', 'f', 'g']);
  t.equal(served.length, 1003);
});

t.test('who comes into a burst is next but one', async (t) => {
  const queue = queueOf(burst('f', 1000, 1));
  for (let n = 0; n < 500; n += 1) next(queue);
  const late = { functionName: 'g', nth: 0, cost: 1 };
  queue.add(late, 'g', 1);
  const two = [next(queue), next(queue)];
  t.ok(two.includes(late));
});

t.test('what costs more comes more rarely', async (t) => {
  const served = inOrder(queueOf([...burst('dear', 100, 10), ...burst('cheap', 100, 1)]));
  const dear = served.slice(0, 55).filter(({ functionName }) => functionName === 'dear');
  t.equal(dear.length, 5);
});

t.test('having been served alone is not held against a function', async (t) => {
  const queue = queueOf(burst('f', 100, 1));
  for (let n = 0; n < 100; n += 1) next(queue);
  for (const call of [...burst('f', 2, 1), ...burst('g', 2, 1)]) {
    queue.add(call, call.functionName, 1);
  }
  t.same(
    inOrder(queue).map(({ functionName }) => functionName),
    ['f', 'g', 'f', 'g'],
  );
});

t.test('what is not served ends the offer', async (t) => {
  const queue = queueOf([...burst('f', 3, 1), ...burst('g', 3, 1)]);
  const shown: string[] = [];
  queue.offer(({ functionName, nth }) => {
    shown.push(`${functionName}${nth}`);
    return shown.length < 4;
  });
  t.same(shown, ['f0', 'g0', 'f1', 'g1']);
  t.equal(queue.length, 3);
});

t.test('of one function all are shown, whosever turn it is', async (t) => {
  const queue = queueOf([...burst('f', 2, 1), ...burst('g', 3, 1)]);
  const shown: number[] = [];
  queue.offerTo('g', ({ nth }) => {
    shown.push(nth);
    return nth === 1;
  });
  t.same(shown, [0, 1, 2]);
  t.equal(queue.length, 4);
  queue.offerTo('h', () => assert.fail('nothing of it waits'));
  t.same(queue.functionNames(), ['f', 'g']);
  const left = inOrder(queue).map(({ functionName, nth }) => `${functionName}${nth}`);
  t.same(left, ['f0', 'f1', 'g0', 'g2'], 'what was served out of its turn counts');
});

t.test('what comes or goes while it is offered does no harm', async (t) => {
  const calls = [...burst('f', 2, 1), ...burst('g', 1, 1)];
  const queue = queueOf(calls);
  const late = { functionName: 'h', nth: 0, cost: 1 };
  const shown: Call[] = [];
  queue.offer((call) => {
    if (shown.length === 0) {
      queue.add(late, 'h', 1);
      queue.remove(call);
    }
    shown.push(call);
    return true;
  });
  t.same(shown, calls);
  t.equal(queue.length, 1);
  t.equal(next(queue), late);
  queue.remove(late);
  t.equal(queue.length, 0);
});

const names = ['f', 'g', 'h'];
const calls = fc.array(
  fc.record({ functionName: fc.constantFrom(...names), cost: fc.integer({ min: 1, max: 20 }) }),
  { minLength: 1, maxLength: 80 },
);

const costsBy = (list: readonly Call[], name: string): number[] =>
  list.filter(({ functionName }) => functionName === name).map(({ cost }) => cost);

/** What a function was served more than another. */
const lead = (served: readonly Call[], one: string, other: string): number => {
  const sum = (name: string) => costsBy(served, name).reduce((total, cost) => total + cost, 0);
  return sum(one) - sum(other);
};

t.test('of those that wait all the time none gets more than another by much', async (t) => {
  fc.assert(
    fc.property(calls, (given) => {
      const queue = queueOf(given.map((call, nth) => ({ ...call, nth })));
      const dearest = (name: string) => Math.max(0, ...costsBy([...queue.items()], name));
      const bounds = new Map(names.map((name) => [name, dearest(name)]));
      const boundOf = (name: string) => bounds.get(name) ?? 0;
      const served: Call[] = [];
      for (let call = next(queue); call !== undefined; call = next(queue)) {
        served.push(call);
        const backlogged = names.filter((name) => dearest(name) > 0);
        const pairs = backlogged.flatMap((one) => backlogged.map((other) => [one, other] as const));
        for (const [one, other] of pairs) {
          assert.ok(lead(served, one, other) <= boundOf(one) + boundOf(other));
        }
      }
    }),
    { numRuns: 300 },
  );
  t.pass();
});

const steps = fc.array(
  fc.oneof(
    fc.record({
      do: fc.constant('add' as const),
      functionName: fc.constantFrom(...names),
      cost: fc.integer({ min: 1, max: 9 }),
    }),
    fc.record({ do: fc.constant('serve' as const) }),
    fc.record({ do: fc.constant('remove' as const), nth: fc.nat(9) }),
  ),
  { maxLength: 100 },
);

type Step = typeof steps extends fc.Arbitrary<readonly (infer T)[]> ? T : never;

/** Does a step to a queue and to the list of what waits, which it returns. */
function apply(queue: FairQueue<Call>, waiting: readonly Call[], step: Step, nth: number): Call[] {
  if (step.do === 'add') {
    const call = { functionName: step.functionName, nth, cost: step.cost };
    queue.add(call, call.functionName, call.cost);
    return [...waiting, call];
  }
  if (step.do === 'remove') {
    const gone = waiting[step.nth];
    if (gone !== undefined) queue.remove(gone);
    return waiting.filter((call) => call !== gone);
  }
  const served = next(queue);
  const first = waiting.find((call) => call.functionName === served?.functionName);
  assert.equal(served, first);
  assert.equal(served === undefined, waiting.length === 0);
  return waiting.filter((call) => call !== served);
}

t.test('within a function the first to come is the first served; nothing is lost', async (t) => {
  fc.assert(
    fc.property(steps, (sequence) => {
      const queue = new FairQueue<Call>();
      let waiting: Call[] = [];
      for (const [nth, step] of sequence.entries()) {
        waiting = apply(queue, waiting, step, nth);
        assert.equal(queue.length, waiting.length);
        assert.deepEqual([...queue.items()], waiting);
      }
    }),
    { numRuns: 500 },
  );
  t.pass();
});
