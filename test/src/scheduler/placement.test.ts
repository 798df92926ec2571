import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import {
  type IdleInstance,
  type PlacementRequest,
  type PlacementState,
  place,
} from '../../../src/scheduler/placement.js';

const idle = (instanceId: string, overrides: Partial<IdleInstance> = {}): IdleInstance => ({
  instanceId,
  functionName: 'f',
  revisionId: '1',
  chargedMib: 200,
  idleSinceMs: 0,
  ...overrides,
});

const state = (overrides: Partial<PlacementState> = {}): PlacementState => ({
  freeMib: 1000,
  evictingMib: 0,
  idle: [],
  mayTakeMemory: true,
  ...overrides,
});

const request = (overrides: Partial<PlacementRequest> = {}): PlacementRequest => ({
  functionName: 'f',
  revisionId: '1',
  chargeMib: 200,
  avoid: new Set(),
  ...overrides,
});

const cases: readonly [string, PlacementState, PlacementRequest, object][] = [
  ['nothing is warm', state(), request(), { kind: 'boot' }],
  [
    'a warm one of the size',
    state({ idle: [idle('a')] }),
    request(),
    { kind: 'reuse', instanceId: 'a', growMib: 0 },
  ],
  [
    'a warm one that has to grow',
    state({ idle: [idle('a')] }),
    request({ chargeMib: 600 }),
    { kind: 'reuse', instanceId: 'a', growMib: 400 },
  ],
  [
    'a warm one that has to shrink needs no memory',
    state({ freeMib: 0, idle: [idle('a')] }),
    request({ chargeMib: 100 }),
    { kind: 'reuse', instanceId: 'a', growMib: 0 },
  ],
  [
    'the nearest in size',
    state({ idle: [idle('a', { chargedMib: 900 }), idle('b', { chargedMib: 300 })] }),
    request({ chargeMib: 400 }),
    { kind: 'reuse', instanceId: 'b', growMib: 100 },
  ],
  [
    'of equals the one used last',
    state({ idle: [idle('a', { idleSinceMs: 1 }), idle('b', { idleSinceMs: 2 })] }),
    request(),
    { kind: 'reuse', instanceId: 'b', growMib: 0 },
  ],
  [
    'a larger warm one rather than room made for the nearest',
    state({
      freeMib: 0,
      idle: [idle('a', { chargedMib: 300 }), idle('b', { chargedMib: 900 }), idle('c')],
    }),
    request({ chargeMib: 400 }),
    { kind: 'reuse', instanceId: 'b', growMib: 0 },
  ],
  [
    'another function',
    state({ idle: [idle('a', { functionName: 'g' })] }),
    request(),
    { kind: 'boot' },
  ],
  [
    'another revision',
    state({ idle: [idle('a', { revisionId: '2' })] }),
    request(),
    { kind: 'boot' },
  ],
  [
    'one that proved unable',
    state({ idle: [idle('a')] }),
    request({ avoid: new Set(['a']) }),
    { kind: 'boot' },
  ],
  [
    'room is made, the longest idle first',
    state({
      freeMib: 100,
      idle: [
        idle('a', { functionName: 'g', idleSinceMs: 3 }),
        idle('b', { functionName: 'g', idleSinceMs: 1 }),
        idle('c', { functionName: 'g', idleSinceMs: 2 }),
      ],
    }),
    request({ chargeMib: 400 }),
    { kind: 'evict', instanceIds: ['b', 'c'] },
  ],
  [
    'the small ones are spared that a large one makes superfluous',
    state({
      freeMib: 0,
      idle: [
        idle('a', { functionName: 'g', idleSinceMs: 1, chargedMib: 100 }),
        idle('b', { functionName: 'g', idleSinceMs: 2, chargedMib: 100 }),
        idle('c', { functionName: 'g', idleSinceMs: 3, chargedMib: 450 }),
      ],
    }),
    request({ chargeMib: 500 }),
    { kind: 'evict', instanceIds: ['a', 'c'] },
  ],
  [
    'room is made for a warm one to grow, which is kept',
    state({ freeMib: 100, idle: [idle('a'), idle('b', { functionName: 'g' })] }),
    request({ chargeMib: 500 }),
    { kind: 'evict', instanceIds: ['b'] },
  ],
  [
    'what is being evicted will do',
    state({ freeMib: 100, evictingMib: 100, idle: [idle('a', { functionName: 'g' })] }),
    request(),
    { kind: 'wait' },
  ],
  [
    'evicting everything would not do',
    state({ freeMib: 100, idle: [idle('a', { functionName: 'g' })] }),
    request({ chargeMib: 400 }),
    { kind: 'wait' },
  ],
  [
    'an earlier request waits for the memory',
    state({ mayTakeMemory: false }),
    request(),
    { kind: 'wait' },
  ],
  [
    'an earlier request waits, but this one takes no memory',
    state({ mayTakeMemory: false, idle: [idle('a', { chargedMib: 150 }), idle('b')] }),
    request({ chargeMib: 160 }),
    { kind: 'reuse', instanceId: 'b', growMib: 0 },
  ],
];

for (const [name, given, asked, expected] of cases) {
  t.test(name, async (t) => {
    t.same(place(given, asked), expected);
  });
}

const mib = fc.integer({ min: 0, max: 60 }).map((n) => n * 10);
const instances = fc
  .array(
    fc.record({
      functionName: fc.constantFrom('f', 'g'),
      revisionId: fc.constantFrom('1', '2'),
      chargedMib: mib.map((n) => n + 10),
      idleSinceMs: fc.nat(50),
    }),
    { maxLength: 8 },
  )
  .map((all) => all.map((one, n): IdleInstance => ({ instanceId: `i${n}`, ...one })));
const states = fc.record({
  freeMib: mib,
  evictingMib: mib,
  idle: instances,
  mayTakeMemory: fc.boolean(),
});
const requests = fc.record({
  functionName: fc.constantFrom('f', 'g'),
  revisionId: fc.constantFrom('1', '2'),
  chargeMib: mib.map((n) => n + 10),
  avoid: fc.subarray(['i0', 'i1', 'i2', 'i3', 'i4']).map((ids) => new Set(ids)),
});

const isWarm = (one: IdleInstance, asked: PlacementRequest): boolean =>
  one.functionName === asked.functionName &&
  one.revisionId === asked.revisionId &&
  !asked.avoid.has(one.instanceId);

/** The instances that can serve as they are, or with memory that is free. */
const readyOf = (given: PlacementState, asked: PlacementRequest): IdleInstance[] => {
  const freeMib = given.mayTakeMemory ? given.freeMib : 0;
  return given.idle.filter(
    (one) => isWarm(one, asked) && asked.chargeMib - one.chargedMib <= freeMib,
  );
};

type Check = (given: PlacementState, asked: PlacementRequest) => void;

const holds = (name: string, check: Check): void => {
  t.test(name, async (t) => {
    fc.assert(fc.property(states, requests, check), { numRuns: 1000 });
    t.pass();
  });
};

holds('who can serve is reused, and of those the nearest in size', (given, asked) => {
  const ready = readyOf(given, asked);
  const placement = place(given, asked);
  assert.equal(placement.kind === 'reuse', ready.length > 0);
  if (placement.kind !== 'reuse') return;
  const chosen = ready.find(({ instanceId }) => instanceId === placement.instanceId);
  assert.ok(chosen, 'the chosen one is warm for the request, and not to be avoided');
  assert.equal(placement.growMib, Math.max(0, asked.chargeMib - chosen.chargedMib));
  const distance = (one: IdleInstance) => Math.abs(one.chargedMib - asked.chargeMib);
  assert.ok(ready.every((one) => distance(chosen) <= distance(one)));
});

holds('a boot fits in what is free', (given, asked) => {
  if (place(given, asked).kind !== 'boot') return;
  assert.ok(given.mayTakeMemory && asked.chargeMib <= given.freeMib);
  assert.ok(!given.idle.some((one) => isWarm(one, asked)));
});

/** Whether `freedMib` would let a warm instance grow, or where there is none let one boot. */
const suffices = (given: PlacementState, asked: PlacementRequest, gone: readonly string[]) => {
  const left = given.idle.filter(({ instanceId }) => !gone.includes(instanceId));
  const freed = given.idle.filter(({ instanceId }) => gone.includes(instanceId));
  const freeMib = freed.reduce((sum, { chargedMib }) => sum + chargedMib, 0) + given.freeMib;
  const after = { ...given, idle: left, freeMib: freeMib + given.evictingMib, evictingMib: 0 };
  return ['reuse', 'boot'].includes(place(after, asked).kind);
};

holds('an eviction suffices, and none of it is superfluous', (given, asked) => {
  const placement = place(given, asked);
  if (placement.kind !== 'evict') return;
  const { instanceIds } = placement;
  assert.ok(given.mayTakeMemory);
  assert.equal(new Set(instanceIds).size, instanceIds.length);
  assert.ok(suffices(given, asked, instanceIds), 'it makes room');
  for (const spared of instanceIds) {
    const fewer = instanceIds.filter((instanceId) => instanceId !== spared);
    assert.ok(!suffices(given, asked, fewer), `without ${spared} there is no room`);
  }
});

holds('who waits could not be helped', (given, asked) => {
  if (place(given, asked).kind !== 'wait' || !given.mayTakeMemory) return;
  if (suffices(given, asked, [])) return;
  const warm = given.idle.filter((one) => isWarm(one, asked));
  const all = given.idle.map(({ instanceId }) => instanceId);
  const keeping = warm.map((one) => all.filter((instanceId) => instanceId !== one.instanceId));
  for (const gone of warm.length > 0 ? keeping : [all]) {
    assert.ok(!suffices(given, asked, gone));
  }
});
