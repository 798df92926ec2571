/**
 * Random sequences of everything that can be asked of a scheduler or happen to its instances, with
 * the moments at which the pool answers chosen at random too.
 */
import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import t from 'tap';
import { BallastError, type ErrorCode } from '../../../src/model/errors.js';
import type { FunctionFailure, InvocationResult } from '../../../src/model/invocation.js';
import { ending } from '../../support/fakeInstance.js';
import { heldMib } from '../../support/fakePool.js';
import { functionRecord } from '../../support/functionRecord.js';
import { budgetFor, chargeOf, requestFor, schedulerOver } from './harness.js';

/** Room for a few small instances, or one large: nearly everything has to wait for something. */
const budgetMib = budgetFor(1024) + 100;
const maxWaiting = 6;
const names = ['f', 'g', 'h'];

/** What may become of an invocation, beside a result. */
const allowed: readonly ErrorCode[] = [
  'QUEUE_FULL',
  'CLIENT_GONE',
  'INSTANCE_START_FAILED',
  'INSTANCE_LOST',
  'RESIZE_UNSETTLED',
  'MEMORY_HELD',
  'CONCURRENCY_EXCEEDED',
];
const allowedOfResizes: readonly ErrorCode[] = [
  'INSTANCE_BUSY',
  'BUDGET_EXHAUSTED',
  'INSTANCE_LOST',
  'RESIZE_UNSETTLED',
  'MEMORY_HELD',
  'INSTANCE_NOT_FOUND',
  'RESIZE_SUPERSEDED',
];

const sizes = fc.constantFrom(128, 129, 256, 512, 1024);
const endings = fc.constantFrom<(FunctionFailure | null)[]>(
  null,
  null,
  { kind: 'error', errorType: 'Error' },
  { kind: 'exit', exitCode: 1, signal: null },
  { kind: 'timeout' },
  { kind: 'out-of-memory' },
);
const nth = fc.nat(9);

const actions = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('invoke' as const),
      name: fc.constantFrom(...names),
      size: sizes,
    }),
  },
  { weight: 12, arbitrary: fc.record({ do: fc.constant('answer' as const), times: fc.nat(4) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('abort' as const), nth }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('resize' as const), nth, size: sizes }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('evict' as const), nth }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const), nth }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('update' as const), name: fc.constantFrom(...names) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom('reserve' as const, 'provision' as const),
      name: fc.constantFrom(...names),
      count: fc.nat(2),
    }),
  },
);
type Action = typeof actions extends fc.Arbitrary<infer T> ? T : never;

const resizes = fc.constantFrom('well', 'well', 'well', 'held', 'unsettled', 'half-way');

/** What the guests do, one after the other; when a list is over they do well. */
const fates = fc.record({
  boots: fc.array(fc.boolean(), { maxLength: 10 }),
  resizes: fc.array(resizes, { maxLength: 20 }),
  /** What a process holds. */
  deflations: fc.array(fc.integer({ min: 8, max: 600 }), { maxLength: 10 }),
  starts: fc.array(endings, { maxLength: 10 }),
  invocations: fc.array(endings, { maxLength: 20 }),
});
type Fates = typeof fates extends fc.Arbitrary<infer T> ? T : never;

class World {
  readonly answers: fc.Scheduler;
  readonly clients: AbortController[] = [];
  readonly outcomes: Promise<void>[] = [];
  readonly #revisions = new Map(names.map((name) => [name, 1]));
  /** The sizes that a client asked for, by the instance. */
  readonly #resizedTo = new Map<string, Set<number>>();
  readonly #setup;
  #unsettled = 0;

  constructor(answers: fc.Scheduler, fates: Fates) {
    this.answers = answers;
    this.#setup = schedulerOver({
      budgetMib,
      maxWaiting,
      pause: (what) => answers.schedule(Promise.resolve(), what),
    });
    this.#decree(fates);
  }

  /** Does one thing, and gives everybody the time to take note. */
  async step(action: Action): Promise<void> {
    switch (action.do) {
      case 'invoke':
        this.#invoke(action.name, action.size);
        break;
      case 'answer':
        await this.#answer(action.times);
        break;
      case 'abort':
        this.clients[action.nth]?.abort();
        break;
      case 'update':
        this.#update(action.name);
        break;
      case 'reserve':
      case 'provision':
        this.#keep(action.do, action.name, action.count);
        break;
      default:
        this.#touch(action);
    }
    await this.check();
  }

  /** Lets everything end. Whoever is left waiting then waits for nothing. */
  async finish(): Promise<void> {
    // What is kept for one function may be what another waits for.
    for (const name of names) {
      this.#setup.scheduler.reserve(this.#current(name), null);
      this.#setup.scheduler.provision(this.#current(name), 0);
    }
    await this.check();
    while (this.answers.count() > 0) await this.#answer(1);
    assert.equal(this.#unsettled, 0, 'nobody waits for ever');
    await Promise.all(this.outcomes);
    const { pool, scheduler } = this.#setup;
    const { memory, instances, queued } = await scheduler.host();
    const { starting, busy, evicting } = instances;
    assert.deepEqual({ starting, busy, evicting }, { starting: 0, busy: 0, evicting: 0 });
    assert.equal(queued, 0);
    const present = pool.all().map(({ size }) => chargeOf(size.pluggedMib));
    const chargedMib = present.reduce((sum, mib) => sum + mib, 0);
    assert.deepEqual(memory, { budgetMib, chargedMib, reservedMib: 0 });
    for (const { fn } of pool.all()) {
      assert.equal(fn.revisionId, this.#current(fn.functionName).revisionId, 'none is outdated');
    }
    const closed = scheduler.close(1000);
    await nextTurn();
    while (this.answers.count() > 0) await this.#answer(1);
    await closed;
    assert.equal(pool.all().length, 0);
  }

  async check(): Promise<void> {
    await nextTurn();
    const { pool, scheduler } = this.#setup;
    const { memory, queued } = await scheduler.host();
    const admittedMib = memory.chargedMib + memory.reservedMib;
    assert.ok(memory.chargedMib >= 0 && memory.reservedMib >= 0);
    assert.ok(admittedMib <= budgetMib, `${admittedMib} MiB are over the budget`);
    const presentMib = pool.all().reduce((sum, { size }) => sum + chargeOf(size.pluggedMib), 0);
    assert.ok(presentMib <= admittedMib, `${presentMib} MiB are there, ${admittedMib} admitted`);
    assert.ok(queued <= maxWaiting);
    assert.deepEqual(pool.breaches, []);
  }

  #decree(fates: Fates): void {
    const { behaviour } = this.#setup.pool;
    behaviour.boot = async () => {
      if (fates.boots.shift() === false) throw new BallastError('INSTANCE_START_FAILED', 'no luck');
    };
    behaviour.resize = async (instance, requestedMib) => {
      const fate = fates.resizes.shift() ?? 'well';
      const { pluggedMib } = instance.size;
      if (fate === 'held' && requestedMib < pluggedMib) {
        throw new BallastError('MEMORY_HELD', 'in use', { details: { ...instance.size } });
      }
      if (fate === 'unsettled' && requestedMib > pluggedMib) {
        const details = { ...instance.size, pluggedMib: pluggedMib + 2 };
        throw new BallastError('RESIZE_UNSETTLED', 'stuck', { details });
      }
      return fate === 'half-way' && requestedMib < pluggedMib - 2 ? pluggedMib - 2 : undefined;
    };
    behaviour.deflate = async () => fates.deflations.shift() ?? heldMib;
    behaviour.start = async () => {
      const failure = fates.starts.shift() ?? null;
      return failure === null ? null : ending(failure);
    };
    behaviour.invoke = async () => ending(fates.invocations.shift() ?? null);
  }

  #current(name: string) {
    return functionRecord(name, { revisionId: String(this.#revisions.get(name)) });
  }

  #invoke(name: string, sizeMib: number): void {
    const client = new AbortController();
    this.clients.unshift(client);
    const request = requestFor(this.#current(name), sizeMib, client.signal);
    const served = this.#setup.scheduler.invoke(request).then((result: InvocationResult) => {
      assert.equal(result.receipt.requestId, request.requestId);
      const { instanceId, limitMib, pluggedMib } = result.receipt;
      // It tells the size at the end: what was asked for, or a later resize of its instance.
      const resized = this.#resizedTo.get(instanceId);
      assert.ok(limitMib === sizeMib || resized?.has(limitMib), `${limitMib} for ${sizeMib} MiB`);
      assert.ok(pluggedMib >= limitMib);
    });
    this.#expect(served, allowed);
  }

  #update(name: string): void {
    this.#revisions.set(name, (this.#revisions.get(name) ?? 0) + 1);
    this.#setup.scheduler.retire(name, this.#current(name).revisionId);
  }

  #keep(how: 'reserve' | 'provision', name: string, count: number): void {
    try {
      this.#setup.scheduler[how](this.#current(name), count);
    } catch (error) {
      assert.ok(error instanceof BallastError && error.code === 'INVALID_PARAMETER');
    }
  }

  #touch(action: Extract<Action, { do: 'resize' | 'evict' | 'crash' }>): void {
    const { pool, scheduler } = this.#setup;
    const present = pool.all();
    const instance = present[action.nth % present.length];
    if (instance === undefined) return;
    const { instanceId } = instance;
    if (action.do === 'crash') instance.crash();
    else if (action.do === 'evict') this.#expect(scheduler.evict(instanceId), []);
    else {
      const sizes = this.#resizedTo.get(instanceId) ?? new Set();
      this.#resizedTo.set(instanceId, sizes.add(action.size));
      this.#expect(scheduler.resize(instanceId, action.size), allowedOfResizes);
    }
  }

  #expect(outcome: Promise<unknown>, codes: readonly ErrorCode[]): void {
    this.#unsettled += 1;
    const ended = outcome.then(
      () => {},
      (error: unknown) => {
        if (!(error instanceof BallastError) || !codes.includes(error.code)) throw error;
      },
    );
    const counted = ended.finally(() => {
      this.#unsettled -= 1;
    });
    // It is awaited at the end; until then a failure must not end the process.
    counted.catch(() => {});
    this.outcomes.push(counted);
  }

  async #answer(times: number): Promise<void> {
    for (let n = 0; n < times && this.answers.count() > 0; n += 1) {
      await this.answers.waitNext(1);
      await this.check();
    }
  }
}

t.test('whatever comes, memory is accounted for and everybody gets an answer', async (t) => {
  const sequences = fc.array(actions, { minLength: 1, maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), sequences, fates, async (answers, sequence, decreed) => {
      const world = new World(answers, structuredClone(decreed));
      for (const action of sequence) await world.step(action);
      await world.finish();
    }),
    { numRuns: 300 },
  );
  t.pass();
});
