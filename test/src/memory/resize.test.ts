import fc from 'fast-check';
import t from 'tap';
import { AgentFailure } from '../../../src/agent/channel.js';
import type { GuestLimits } from '../../../src/agent/messages.js';
import { limitsFor } from '../../../src/memory/cpu.js';
import { blockMib, floorFor, pluggedFor } from '../../../src/memory/geometry.js';
import { planResize } from '../../../src/memory/plan.js';
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

/** A guest that holds `heldMib` in use and can plug no more than `mostMib`. */
class Guest {
  readonly heldMib: number;
  readonly mostMib: number;
  pluggedMib: number;
  limitMib: number;
  readonly log: string[] = [];

  constructor(sizeMib: number, heldMib = 0, mostMib = 10_240) {
    this.pluggedMib = sizeMib;
    this.limitMib = sizeMib;
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
        request: async (pluggedMib) => {
          this.log.push(`request ${pluggedMib}`);
          const heldMib = Math.ceil(this.heldMib / blockMib) * blockMib;
          this.pluggedMib = Math.min(this.mostMib, Math.max(pluggedMib, heldMib));
        },
        settle: async (target) => {
          return { pluggedMib: this.pluggedMib, settled: this.pluggedMib === target };
        },
      },
      limitsFor: (requestedMib) => limitsFor(requestedMib, 2),
      settleMs: 1000,
    };
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

  resize(requestedMib: number) {
    const from = { pluggedMib: this.pluggedMib, limitMib: this.limitMib };
    return resize(this.parts(), from, planResize(geometry, from, requestedMib));
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
  const parts = guest.parts();
  const stuck = { ...parts.elastic, settle: async () => ({ pluggedMib: 300, settled: false }) };
  const from = { pluggedMib: 512, limitMib: 512 };
  const steps = planResize(geometry, from, 128);
  const outcome = await resize({ ...parts, elastic: stuck }, from, steps);
  t.same(outcome.size, { pluggedMib: 300, limitMib: 128 });
  t.equal(outcome.report.settled, false);
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

t.test('any sequence of resizes leaves the function within what is plugged', async (t) => {
  const requests = fc.array(fc.integer({ min: 128, max: 10_240 }), { maxLength: 12 });
  const held = fc.integer({ min: 0, max: 2048 });
  const most = fc.integer({ min: 1024, max: 5120 }).map((blocks) => blocks * 2);
  await fc.assert(
    fc.asyncProperty(requests, held, most, async (sizes, heldMib, mostMib) => {
      const guest = new Guest(2048, heldMib, mostMib);
      for (const requestedMib of sizes) {
        const beforeMib = guest.limitMib;
        const outcome = await guest.resize(requestedMib).catch(() => null);
        // A resize that fails leaves the limit as it was.
        const limitMib = outcome === null ? beforeMib : requestedMib;
        if (guest.limitMib !== limitMib || guest.limitMib > guest.pluggedMib) return false;
        if (outcome?.report.settled && guest.pluggedMib !== pluggedFor(requestedMib)) return false;
      }
      return true;
    }),
  );
  t.pass();
});
