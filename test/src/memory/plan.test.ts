import fc from 'fast-check';
import t from 'tap';
import { blockMib, floorFor, pluggedFor } from '../../../src/memory/geometry.js';
import { planResize, type Size, type Step } from '../../../src/memory/plan.js';

const geometry = { floorMib: floorFor(10_240), blockMib, maxMib: 10_240 };
const sizes = fc.integer({ min: 128, max: 10_240 });

function sizeAfter(from: Size, steps: readonly Step[]): Size {
  let size = from;
  for (const step of steps) {
    if (step.kind === 'claim' || step.kind === 'release') {
      size = { ...size, limitMib: step.limitMib };
    } else {
      size = { ...size, pluggedMib: step.pluggedMib };
    }
  }
  return size;
}

t.test('a plan ends at the requested size, never using more than is plugged', async (t) => {
  fc.assert(
    fc.property(sizes, sizes, (fromMib, requestedMib) => {
      const from = { pluggedMib: pluggedFor(fromMib), limitMib: fromMib };
      let size: Size = from;
      for (const step of planResize(geometry, from, from.pluggedMib, requestedMib)) {
        size = sizeAfter(size, [step]);
        if (size.limitMib > size.pluggedMib) return false;
      }
      return size.limitMib === requestedMib && size.pluggedMib === pluggedFor(requestedMib);
    }),
  );
  t.pass();
});

t.test('a plan of no difference is empty', async (t) => {
  t.same(planResize(geometry, { pluggedMib: 130, limitMib: 129 }, 130, 129), []);
});

t.test('the guest frees before the host takes, and uses after the host gave', async (t) => {
  t.same(planResize(geometry, { pluggedMib: 512, limitMib: 512 }, 512, 129), [
    { kind: 'claim', limitMib: 129 },
    { kind: 'unplug', pluggedMib: 130 },
  ]);
  t.same(planResize(geometry, { pluggedMib: 128, limitMib: 128 }, 128, 512), [
    { kind: 'plug', pluggedMib: 512 },
    { kind: 'release', limitMib: 512 },
  ]);
});

t.test('within one block only the limit changes', async (t) => {
  t.same(planResize(geometry, { pluggedMib: 130, limitMib: 129 }, 130, 130), [
    { kind: 'release', limitMib: 130 },
  ]);
});

t.test('an unplug that was left unfinished is taken up again', async (t) => {
  t.same(planResize(geometry, { pluggedMib: 300, limitMib: 128 }, 128, 128), [
    { kind: 'unplug', pluggedMib: 128 },
  ]);
});

t.test('a size that the guest only passes is asked for', async (t) => {
  for (const askedMib of [128, null]) {
    t.same(planResize(geometry, { pluggedMib: 300, limitMib: 128 }, askedMib, 300), [
      { kind: 'plug', pluggedMib: 300 },
      { kind: 'release', limitMib: 300 },
    ]);
  }
});

t.test('what the floor cannot cover is refused, naming the size and the most', async (t) => {
  const small = { floorMib: floorFor(1024), blockMib, maxMib: 10_240 };
  const plan = () => planResize(small, { pluggedMib: 128, limitMib: 128 }, 128, 4096);
  t.throws(plan, { code: 'SIZE_BEYOND_HOST', message: /4096 MiB .* at most \d+ MiB/ });
});

t.test('more than the device has is refused', async (t) => {
  const bounded = { ...geometry, maxMib: 1024 };
  const plan = () => planResize(bounded, { pluggedMib: 128, limitMib: 128 }, 128, 1026);
  t.throws(plan, { code: 'SIZE_BEYOND_HOST', message: /at most 1024 MiB/ });
});
