import { mock } from 'node:test';
import fc from 'fast-check';
import t from 'tap';
import { BallastError } from '../../../src/model/errors.js';
import { WaitingQueue } from '../../../src/scheduler/queue.js';

/** A queue of requests of one function, of which nothing blocks another. */
function queueOf(maxWaiting: number, maxWaitMs = 60_000) {
  const queue = new WaitingQueue<string, string>({ maxWaiting, maxWaitMs });
  return {
    get length() {
      return queue.length;
    },
    wait: (request: string, signal?: AbortSignal) =>
      queue.wait(request, { functionName: 'f', cost: 1 }, signal),
    offer: (decide: (request: string) => string | null) => queue.offerTo('f', decide),
    drain: (error: Error) => queue.drain(error),
  };
}

const grantAll = (request: string) => `for ${request}`;

t.test('grants come in order of arrival, and only to who is granted something', async (t) => {
  const queue = queueOf(5);
  const waiting = ['a', 'b', 'c'].map((request) => queue.wait(request));
  const shown: string[] = [];
  queue.offer((request) => {
    shown.push(request);
    return request === 'b' ? 'for b' : null;
  });
  t.same(shown, ['a', 'b', 'c']);
  t.equal(await waiting[1], 'for b');
  t.equal(queue.length, 2);
  queue.offer(grantAll);
  t.same(await Promise.all(waiting), ['for a', 'for b', 'for c']);
  t.equal(queue.length, 0);
});

t.test('one too many is refused at once, and told when to come again', async (t) => {
  const queue = queueOf(2);
  const waiting = [queue.wait('a'), queue.wait('b')];
  await t.rejects(queue.wait('c'), {
    code: 'QUEUE_FULL',
    message: /2 invocations wait already/,
    retryAfterSeconds: 1,
  });
  t.equal(queue.length, 2);
  queue.offer(grantAll);
  await Promise.all(waiting);
  const next = queue.wait('d');
  queue.offer(grantAll);
  t.equal(await next, 'for d', 'a place that came free is given again');
});

t.test('a wait ends after its bound, not before', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.teardown(() => mock.timers.reset());
  const queue = queueOf(2, 10_000);
  const early = queue.wait('a');
  const refused = t.rejects(early, {
    code: 'QUEUE_TIMEOUT',
    message: /within 10 s.*BALLAST_MEMORY_MIB/,
    retryAfterSeconds: 5,
  });
  mock.timers.tick(9_999);
  const late = queue.wait('b');
  t.equal(queue.length, 2);
  mock.timers.tick(1);
  await refused;
  t.equal(queue.length, 1);
  queue.offer(grantAll);
  t.equal(await late, 'for b');
  mock.timers.tick(20_000);
  t.equal(queue.length, 0, 'the timer of who was served is gone');
});

t.test('who went away waits no more', async (t) => {
  const queue = queueOf(2);
  const client = new AbortController();
  const waiting = queue.wait('a', client.signal);
  const other = queue.wait('b');
  client.abort();
  await t.rejects(waiting, { code: 'CLIENT_GONE' });
  t.equal(queue.length, 1);
  await t.rejects(queue.wait('c', client.signal), { code: 'CLIENT_GONE' }, 'gone before it came');
  t.equal(queue.length, 1);
  queue.offer(grantAll);
  t.equal(await other, 'for b');
});

t.test('going away after the grant changes nothing', async (t) => {
  const queue = queueOf(2);
  const client = new AbortController();
  const waiting = queue.wait('a', client.signal);
  queue.offer(grantAll);
  client.abort();
  t.equal(await waiting, 'for a');
});

t.test('functions take turns, until one is granted nothing', async (t) => {
  const queue = new WaitingQueue<string, string>({ maxWaiting: 9, maxWaitMs: 60_000 });
  const waiting = ['f1', 'f2', 'f3', 'g1', 'g2'].map((request) =>
    queue.wait(request, { functionName: request.slice(0, 1), cost: 1 }),
  );
  const shown: string[] = [];
  queue.offer((request) => {
    shown.push(request);
    return request === 'f2' ? null : grantAll(request);
  });
  t.same(shown, ['f1', 'g1', 'f2']);
  queue.offerTo('g', (request) => {
    shown.push(request);
    return null;
  });
  t.same(shown, ['f1', 'g1', 'f2', 'g2']);
  queue.offer(grantAll);
  t.same(await Promise.all(waiting), ['for f1', 'for f2', 'for f3', 'for g1', 'for g2']);
});

t.test('a drained queue is empty, and who waited knows why', async (t) => {
  const queue = queueOf(3);
  const waiting = [queue.wait('a'), queue.wait('b')];
  const reason = new BallastError('SHUTTING_DOWN', 'The service is stopping.');
  queue.drain(reason);
  t.equal(queue.length, 0);
  for (const one of waiting) await t.rejects(one, reason);
});

t.test('who leaves while it is offered is not shown twice', async (t) => {
  const queue = queueOf(3);
  const waiting = ['a', 'b'].map((request) => queue.wait(request));
  const late: Promise<string>[] = [];
  queue.offer((request) => {
    if (request === 'a') late.push(queue.wait('c'));
    return grantAll(request);
  });
  t.same(await Promise.all(waiting), ['for a', 'for b']);
  t.equal(queue.length, 1, 'who came during the offer waits for the next');
  queue.drain(new Error('over'));
  await t.rejects(Promise.all(late));
});

const steps = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('wait' as const) }),
    fc.record({ kind: fc.constant('abort' as const), nth: fc.nat(9) }),
    fc.record({ kind: fc.constant('offer' as const), grants: fc.nat(4) }),
  ),
  { maxLength: 40 },
);

t.test('it behaves like a list with a bound', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 5 }), steps, async (bound, sequence) => {
      const queue = queueOf(bound);
      const clients = new Map<string, AbortController>();
      const outcomes = new Map<string, Promise<string>>();
      const expected = new Map<string, string>();
      let model: string[] = [];
      const apply = {
        wait: () => {
          const name = `r${outcomes.size}`;
          const client = new AbortController();
          clients.set(name, client);
          outcomes.set(
            name,
            queue.wait(name, client.signal).catch((error: BallastError) => error.code),
          );
          if (model.length < bound) model.push(name);
          else expected.set(name, 'QUEUE_FULL');
        },
        abort: (nth: number) => {
          const name = model[nth];
          if (name === undefined) return;
          clients.get(name)?.abort();
          expected.set(name, 'CLIENT_GONE');
          model = model.filter((one) => one !== name);
        },
        offer: (grants: number) => {
          let left = grants;
          queue.offer((request) => (left-- > 0 ? grantAll(request) : null));
          for (const name of model.splice(0, grants)) expected.set(name, grantAll(name));
        },
      };
      for (const step of sequence) {
        if (step.kind === 'wait') apply.wait();
        else if (step.kind === 'abort') apply.abort(step.nth);
        else apply.offer(step.grants);
        if (queue.length !== model.length) return false;
      }
      queue.drain(new BallastError('SHUTTING_DOWN', 'over'));
      for (const name of model) expected.set(name, 'SHUTTING_DOWN');
      for (const [name, outcome] of outcomes) {
        if ((await outcome) !== expected.get(name)) return false;
      }
      return true;
    }),
  );
  t.pass();
});
