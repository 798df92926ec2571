import fc from 'fast-check';
import t from 'tap';
import { AgentFailure } from '../../../src/agent/channel.js';
import type { GuestLimits } from '../../../src/agent/messages.js';
import { limitsFor } from '../../../src/memory/cpu.js';
import { blockMib, floorFor, pluggedFor } from '../../../src/memory/geometry.js';
import { planResize, type Size } from '../../../src/memory/plan.js';
import { type ResizeParts, resize } from '../../../src/memory/resize.js';

const geometry = { floorMib: floorFor(10_240), blockMib, maxMib: 10_240 };
const memory = {
  totalBytes: 0,
  freeBytes: 0,
  availableBytes: 0,
  limitBytes: null,
  currentBytes: 0,
  peakBytes: 0,
  oomKills: 0,
};
const mib = 1024 * 1024;

/**
 * A guest that holds `heldMib` in use, can plug no more than `mostMib`, and gets no further than
 * `strideMib` while one request is waited for; `drift` has it go on.
 */
class Guest {
  readonly heldMib: number;
  readonly mostMib: number;
  strideMib = Number.POSITIVE_INFINITY;
  pluggedMib: number;
  limitMib: number;
  askedMib: number;
  /** What ballast last knew of it. */
  #size: Size;
  readonly log: string[] = [];

  constructor(sizeMib: number, heldMib = 0, mostMib = 10_240) {
    this.pluggedMib = sizeMib;
    this.limitMib = sizeMib;
    this.askedMib = sizeMib;
    this.#size = { pluggedMib: sizeMib, limitMib: sizeMib };
    this.heldMib = heldMib;
    this.mostMib = mostMib;
  }

  parts(): ResizeParts {
    return {
      agent: {
        claim: async (limits) => this.#limit('claim', limits),
        release: async (limits) => this.#limit('release', limits),
      },
      elastic: {
        mechanism: 'virtio-mem',
        askedMib: this.askedMib,
        pluggedMib: async () => this.pluggedMib,
        rebind: () => {},
        returnsMemory: async () => true,
        request: async (pluggedMib) => {
          this.log.push(`request ${pluggedMib}`);
          this.askedMib = pluggedMib;
        },
        settle: async (target) => {
          this.drift(this.strideMib);
          return { pluggedMib: this.pluggedMib, settled: this.pluggedMib === target };
        },
      },
      limitsFor: (requestedMib) => limitsFor(requestedMib, 100),
      settleMs: 1000,
    };
  }

  /** Plugs or unplugs at most `mib` more of what it was asked for. */
  drift(mib: number): void {
    const goalMib = Math.min(this.mostMib, Math.max(this.askedMib, pluggedFor(this.heldMib)));
    const wayMib = goalMib - this.pluggedMib;
    this.pluggedMib += Math.sign(wayMib) * Math.min(Math.abs(wayMib), mib);
  }

  #limit(kind: string, limits: GuestLimits) {
    this.log.push(`${kind} ${limits.memoryBytes / mib}`);
    if (limits.memoryBytes < this.heldMib * mib) {
      const heldBytes = this.heldMib * mib;
      throw new AgentFailure(kind, { code: 'memory-held', message: 'in use', heldBytes });
    }
    this.limitMib = limits.memoryBytes / mib;
    return memory;
  }

  async resize(requestedMib: number) {
    const steps = planResize(geometry, this.#size, this.askedMib, requestedMib);
    try {
      const outcome = await resize(this.parts(), { requestedMib, from: this.#size, steps });
      this.#size = outcome.size;
      return outcome;
    } catch (error) {
      this.#size = { pluggedMib: this.pluggedMib, limitMib: this.limitMib };
      throw error;
    }
  }
}

t.test('a grow plugs, then releases', async (t) => {
  const guest = new Guest(128);
  const outcome = await guest.resize(512);
  t.same(outcome.size, { pluggedMib: 512, limitMib: 512 });
  t.match(outcome.report, { mechanism: 'virtio-mem', settled: true });
  t.same(guest.log, ['request 512', 'release 512']);
});

t.test('no difference is no mechanism', async (t) => {
  const outcome = await new Guest(256).resize(256);
  t.match(outcome.report, { mechanism: 'none', settled: true });
});

t.test('what the function holds is never taken, and the error says how much', async (t) => {
  const guest = new Guest(512, 300);
  await t.rejects(guest.resize(128), {
    code: 'MEMORY_HELD',
    message: /holds 300 MiB in use.*128 MiB.*stays at 512 MiB/,
    details: { pluggedMib: 512, limitMib: 512, heldMib: 300 },
  });
  t.same(guest.log, ['claim 128'], 'the host asked for nothing');
});

t.test('an unplug that stops half-way is reported, not thrown', async (t) => {
  const guest = new Guest(512);
  guest.strideMib = 212;
  const outcome = await guest.resize(128);
  t.same(outcome.size, { pluggedMib: 300, limitMib: 128 });
  t.match(outcome.report, { settled: false, state: 'partial', returned: true });
});

t.test('a size that a late unplug is just passing is asked for before it is used', async (t) => {
  const guest = new Guest(512);
  guest.strideMib = 212;
  await guest.resize(128);
  const outcome = await guest.resize(300);
  t.same(outcome.size, { pluggedMib: 300, limitMib: 300 });
  t.same(guest.log, ['claim 128', 'request 128', 'request 300', 'release 300']);
  guest.drift(1000);
  t.equal(guest.pluggedMib, 300, 'the guest gives up no more');
});

t.test('one that an unplug went past unseen is plugged again, or refused', async (t) => {
  const guest = new Guest(512);
  guest.strideMib = 212;
  await guest.resize(128);
  guest.drift(172);
  guest.strideMib = 0;
  await t.rejects(guest.resize(200), { code: 'RESIZE_UNSETTLED' });
  t.equal(guest.limitMib, 128);
});

t.test('a plug that does not settle is taken back; the error says where it stands', async (t) => {
  const guest = new Guest(128, 0, 300);
  await t.rejects(guest.resize(512), {
    code: 'RESIZE_UNSETTLED',
    message: /took 300 of 512 MiB.*stands at 128 MiB/,
    details: { pluggedMib: 128, limitMib: 128 },
  });
  t.same(guest.log, ['request 512', 'request 128']);
  t.equal(guest.limitMib, 128);
});

interface Turn {
  readonly requestedMib: number;
  readonly strideMib: number;
  readonly driftMib: number;
}

/** Whether a resize, and what its guest did afterwards, kept its promises. */
async function holds(guest: Guest, { requestedMib, strideMib, driftMib }: Turn): Promise<boolean> {
  guest.strideMib = strideMib;
  const beforeMib = guest.limitMib;
  const outcome = await guest.resize(requestedMib).catch(() => null);
  const isWithin = guest.limitMib <= guest.pluggedMib;
  const isSettled = outcome?.report.settled === true;
  const isReached = !isSettled || guest.pluggedMib === pluggedFor(requestedMib);
  guest.drift(driftMib);
  // A resize that fails leaves the limit no higher than it was.
  const isLimited =
    outcome === null ? guest.limitMib <= beforeMib : guest.limitMib === requestedMib;
  return isLimited && isReached && isWithin && guest.limitMib <= guest.pluggedMib;
}

t.test('any sequence of resizes leaves the function within what is plugged', async (t) => {
  const mibs = fc.integer({ min: 0, max: 5120 }).map((blocks) => blocks * blockMib);
  const turn = fc.record({
    requestedMib: fc.integer({ min: 128, max: 10_240 }),
    strideMib: fc.oneof(mibs, fc.constant(Number.POSITIVE_INFINITY)),
    driftMib: mibs,
  });
  const held = fc.integer({ min: 0, max: 2048 });
  const most = fc.integer({ min: 1024, max: 5120 }).map((blocks) => blocks * blockMib);
  await fc.assert(
    fc.asyncProperty(fc.array(turn, { maxLength: 12 }), held, most, async (turns, ...bounds) => {
      const guest = new Guest(2048, ...bounds);
      for (const one of turns) if (!(await holds(guest, one))) return false;
      return true;
    }),
    { numRuns: 1000 },
  );
  t.pass();
});
