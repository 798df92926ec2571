/**
 * Random sequences of resizes of one guest that holds memory, stops half-way, is too slow, refuses
 * or breaks, with the ledger that admits them. What must hold is looked at after each thing that
 * happens.
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { AgentFailure } from '../../../src/agent/channel.js';
import type { GuestLimits, GuestMemory } from '../../../src/agent/messages.js';
import { limitsFor } from '../../../src/memory/cpu.js';
import { blockMib, floorFor, pluggedFor } from '../../../src/memory/geometry.js';
import { planResize, type Size } from '../../../src/memory/plan.js';
import { type ResizeOutcome, resize } from '../../../src/memory/resize.js';
import { isOver, type Transaction } from '../../../src/memory/transaction.js';
import { BallastError } from '../../../src/model/errors.js';
import { Ledger } from '../../../src/scheduler/ledger.js';

const geometry = { floorMib: floorFor(4096), blockMib, maxMib: 4096 };
const budgetMib = 3000;
const bytesPerMib = 1024 * 1024;
const id = 'i-1';
const nothing = { totalBytes: 0, freeBytes: 0, availableBytes: 0, limitBytes: null };
const memory: GuestMemory = { ...nothing, currentBytes: 0, peakBytes: 0, oomKills: 0 };

/** What may become of one request to QEMU or to the agent. */
const fates = fc.constantFrom('well', 'well', 'well', 'half', 'none', 'busy', 'broken');
type Fate = typeof fates extends fc.Arbitrary<infer T> ? T : never;

const actions = fc.record({
  requestedMib: fc.constantFrom(128, 129, 256, 511, 512, 1000, 2047, 4096),
  /** What the function holds by then. */
  heldMib: fc.constantFrom(10, 100, 300, 900),
  fates: fc.array(fates, { maxLength: 6 }),
});

class Broken extends Error {}

class World {
  readonly ledger = new Ledger(budgetMib);
  isBroken = false;
  #size: Size = { pluggedMib: 128, limitMib: 128 };
  #pluggedMib = 128;
  #limitMib = 128;
  #heldMib = 10;
  #askedMib: number | null = 128;
  #fates: Fate[] = [];
  #isAsked = false;
  #ends = 0;
  #transaction: Transaction | null = null;

  constructor() {
    assert.ok(this.ledger.reserve(id, 128));
    this.ledger.settle(id, 128);
  }

  async act({
    requestedMib,
    heldMib,
    fates: decreed,
  }: typeof actions extends fc.Arbitrary<infer T> ? T : never): Promise<void> {
    this.#heldMib = Math.min(heldMib, this.#limitMib);
    this.#fates = [...decreed];
    const growMib = Math.max(0, pluggedFor(requestedMib) - this.ledger.chargeOf(id));
    if (!this.ledger.reserve(id, growMib)) return;
    this.#ends = 0;
    try {
      this.#settled(requestedMib, await this.#resize(requestedMib));
    } catch (error) {
      this.#failed(requestedMib, error);
    }
    assert.equal(this.#ends, 1, 'a resize ends once');
    if (this.isBroken) this.ledger.close(id);
    else this.ledger.settle(id, Math.max(this.#size.pluggedMib, this.#pluggedMib));
    this.check();
    assert.equal(this.ledger.reservedMib, 0);
  }

  /** Holds at every moment, whatever is under way. */
  check(): void {
    const { chargedMib, reservedMib } = this.ledger;
    assert.ok(chargedMib + reservedMib <= budgetMib);
    if (this.isBroken) return;
    assert.ok(this.#pluggedMib <= chargedMib + reservedMib, 'the guest has what was admitted');
    assert.ok(this.#limitMib <= this.#pluggedMib, 'the function may use what the guest has');
    assert.ok(this.#heldMib <= this.#limitMib, 'what is in use is never taken');
  }

  #resize(requestedMib: number): Promise<ResizeOutcome> {
    return resize(
      {
        agent: {
          claim: (limits) => this.#limit(limits, 'claim'),
          release: (limits) => this.#limit(limits, 'release'),
        },
        elastic: {
          mechanism: 'virtio-mem',
          askedMib: this.#askedMib,
          pluggedMib: () => this.#alone(() => this.#pluggedMib),
          rebind: () => {},
          returnsMemory: async () => true,
          request: (mib) => this.#request(mib),
          settle: (mib) => this.#settle(mib),
        },
        limitsFor: (mib) => limitsFor(mib, 1000),
        settleMs: 10,
        onProgress: (transaction) => this.#follow(transaction),
      },
      {
        requestedMib,
        from: this.#size,
        steps: planResize(geometry, this.#size, this.#askedMib, requestedMib),
      },
    );
  }

  #follow(transaction: Transaction): void {
    if (this.#transaction !== null && !isOver(this.#transaction)) {
      assert.deepEqual(transaction.from, this.#transaction.from, 'resizes do not interleave');
    }
    this.#transaction = transaction;
    if (isOver(transaction)) {
      this.#ends += 1;
      this.#size = transaction.size;
    }
    this.check();
  }

  #settled(requestedMib: number, { size, report }: ResizeOutcome): void {
    assert.equal(this.#transaction?.state, report.state);
    assert.deepEqual(size, { pluggedMib: this.#pluggedMib, limitMib: this.#limitMib });
    assert.equal(size.limitMib, requestedMib, 'the function never silently has another size');
    const isExact = size.pluggedMib === pluggedFor(requestedMib);
    assert.equal(report.state, isExact ? 'settled' : 'partial');
    assert.ok(size.pluggedMib >= requestedMib);
  }

  #failed(requestedMib: number, error: unknown): void {
    assert.equal(this.#transaction?.state, 'failed');
    assert.equal(this.#transaction?.requestedMib, requestedMib);
    if (this.isBroken) {
      // One that breaks only when it is asked where it stands has refused something before.
      assert.ok(error instanceof Broken || error instanceof BallastError);
      return;
    }
    assert.ok(error instanceof BallastError, String(error));
    assert.ok(['MEMORY_HELD', 'RESIZE_UNSETTLED', 'INSTANCE_BUSY'].includes(error.code));
    const stands = { pluggedMib: this.#pluggedMib, limitMib: this.#limitMib };
    assert.deepEqual(this.#size, stands, 'it is known where a failed resize stands');
    const { pluggedMib, limitMib } = error.details ?? {};
    assert.deepEqual({ pluggedMib, limitMib }, stands, 'and told');
  }

  #limit({ memoryBytes }: GuestLimits, kind: string): Promise<GuestMemory> {
    return this.#alone((fate) => {
      const limitMib = memoryBytes / bytesPerMib;
      if (fate === 'busy') throw new AgentFailure(kind, { code: 'busy', message: 'no' });
      if (limitMib < this.#heldMib) {
        const heldBytes = this.#heldMib * bytesPerMib;
        throw new AgentFailure(kind, { code: 'memory-held', message: 'no', heldBytes });
      }
      this.#limitMib = limitMib;
      return memory;
    });
  }

  #request(mib: number): Promise<void> {
    return this.#alone(() => {
      this.#askedMib = mib;
    });
  }

  /** A guest gets some way: all of it, half of it, or none. */
  #settle(targetMib: number): Promise<{ pluggedMib: number; settled: boolean }> {
    return this.#alone((fate) => {
      const from = this.#pluggedMib;
      const share = fate === 'half' ? 0.5 : 1;
      // On the way back it does well: a guest gives what it has just got.
      const isBack = targetMib === this.#size.pluggedMib;
      const wayMib = fate === 'none' && !isBack ? 0 : (targetMib - from) * (isBack ? 1 : share);
      this.#pluggedMib = from + Math.trunc(wayMib / blockMib) * blockMib;
      return { pluggedMib: this.#pluggedMib, settled: this.#pluggedMib === targetMib };
    });
  }

  /** One thing at a time is asked of a guest, which may break over any of them. */
  async #alone<T>(task: (fate: Fate) => T): Promise<T> {
    assert.ok(!this.#isAsked, 'one thing at a time');
    this.#isAsked = true;
    try {
      await Promise.resolve();
      const fate = this.#fates.shift() ?? 'well';
      if (fate === 'broken') this.isBroken = true;
      if (this.isBroken) throw new Broken('the VM has gone');
      return task(fate);
    } finally {
      this.#isAsked = false;
      this.check();
    }
  }
}

t.test('whatever a guest does, its size is admitted, exact or told', async (t) => {
  const sequences = fc.array(actions, { minLength: 1, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(sequences, async (sequence) => {
      const world = new World();
      for (const action of sequence) {
        if (world.isBroken) return;
        await world.act(action);
      }
    }),
    { numRuns: 5000 },
  );
  t.pass();
});
