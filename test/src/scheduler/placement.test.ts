import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { IdleIndex, type IdleInstance } from '../../../src/scheduler/idleIndex.js';
import {
  type Placement,
  type PlacementRequest,
  type PlacementState,
  place as placeByIndex,
} from '../../../src/scheduler/placement.js';

/** A state whose idle instances are a list. */
interface Given extends Omit<PlacementState, 'idle'> {
  readonly idle: readonly IdleInstance[];
}

function place(given: Given, asked: PlacementRequest): Placement {
  const index = new IdleIndex();
  for (const one of given.idle) index.put(one);
  return placeByIndex({ ...given, idle: index }, asked);
}

const idle = (instanceId: string, overrides: Partial<IdleInstance> = {}): IdleInstance => ({
  instanceId,
  functionName: 'f',
  versionKey: 'f:1',
  revisionId: '1',
  chargedMib: 200,
  deflatableMib: 0,
  idleSinceMs: 0,
  hotUntilMs: overrides.idleSinceMs ?? 0,
  priority: overrides.idleSinceMs ?? 0,
  isProtected: false,
  ...overrides,
});

const state = (overrides: Partial<Given> = {}): Given => ({
  freeMib: 1000,
  comingMib: 0,
  idle: [],
  mayTakeMemory: true,
  mayBoot: true,
  ...overrides,
});

const request = (overrides: Partial<PlacementRequest> = {}): PlacementRequest => {
  const { chargeMib = 200 } = overrides;
  const base = { functionName: 'f', revisionId: '1', avoid: new Set<string>(), wantsNew: false };
  return { ...base, chargeMib, bootChargeMib: chargeMib, ...overrides };
};

const cases: readonly [string, Given, PlacementRequest, object][] = [
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
    'one that is to have a new one',
    state({ idle: [idle('a')] }),
    request({ wantsNew: true }),
    { kind: 'boot' },
  ],
  [
    'room is made, those that are worth the least first',
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
    state({ freeMib: 100, comingMib: 100, idle: [idle('a', { functionName: 'g' })] }),
    request(),
    { kind: 'wait' },
  ],
  [
    'as many boot as may at a time: nobody is evicted for one that could not boot',
    state({ freeMib: 100, mayBoot: false, idle: [idle('a', { functionName: 'g' })] }),
    request(),
    { kind: 'wait' },
  ],
  [
    'what is kept for a function is spared, though it may serve it',
    state({
      freeMib: 0,
      idle: [
        idle('a', { functionName: 'g', isProtected: true, deflatableMib: 150 }),
        idle('b', { functionName: 'g', priority: 9 }),
      ],
    }),
    request(),
    { kind: 'evict', instanceIds: ['b'] },
  ],
  [
    'a spared one is used, though no memory is free',
    state({ freeMib: -100, idle: [idle('a', { isProtected: true })] }),
    request(),
    { kind: 'reuse', instanceId: 'a', growMib: 0 },
  ],
  [
    'more is kept for others than is left: so much more room has to be made',
    state({
      freeMib: -150,
      idle: [idle('a', { functionName: 'g' }), idle('b', { functionName: 'g' })],
    }),
    request(),
    { kind: 'evict', instanceIds: ['a', 'b'] },
  ],
  [
    'room is made for the one that is spared, at the cost of the nearest, where nothing else does',
    state({
      freeMib: 0,
      idle: [
        idle('a', { chargedMib: 170 }),
        idle('b', { chargedMib: 70, isProtected: true }),
        idle('c', { functionName: 'g', chargedMib: 5, idleSinceMs: 1 }),
      ],
    }),
    request({ chargeMib: 180 }),
    { kind: 'evict', instanceIds: ['a'] },
  ],
  [
    'deflating comes before evicting, the least likely called first',
    state({
      freeMib: 0,
      idle: [
        idle('a', { functionName: 'g', deflatableMib: 150, idleSinceMs: 3 }),
        idle('b', { functionName: 'g', deflatableMib: 150, idleSinceMs: 1 }),
        idle('c', { functionName: 'g', deflatableMib: 150, idleSinceMs: 2 }),
      ],
    }),
    request(),
    { kind: 'deflate', instanceIds: ['b', 'c'] },
  ],
  [
    'where deflating is not enough, those that are worth the least are evicted',
    state({
      freeMib: 0,
      idle: [
        idle('a', { functionName: 'g', deflatableMib: 50, idleSinceMs: 2 }),
        idle('b', { functionName: 'g', deflatableMib: 50, idleSinceMs: 1 }),
      ],
    }),
    request(),
    { kind: 'evict', instanceIds: ['b'] },
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
      deflatableMib: mib,
      idleSinceMs: fc.nat(50),
      hotUntilMs: fc.nat(5),
      priority: fc.nat(5),
      isProtected: fc.boolean(),
    }),
    { maxLength: 8 },
  )
  .map((all) =>
    all.map((one, n): IdleInstance => {
      const deflatableMib = Math.min(one.deflatableMib, one.chargedMib - 10);
      return { instanceId: `i${n}`, versionKey: one.functionName, ...one, deflatableMib };
    }),
  );
const states = fc.record({
  freeMib: mib.map((n) => n - 100),
  comingMib: mib,
  idle: instances,
  mayTakeMemory: fc.boolean(),
  mayBoot: fc.constant(true),
});
const requests = fc
  .record({
    functionName: fc.constantFrom('f', 'g'),
    revisionId: fc.constantFrom('1', '2'),
    chargeMib: mib.map((n) => n + 10),
    moreMib: fc.oneof(fc.constant(0), mib),
    avoid: fc.subarray(['i0', 'i1', 'i2', 'i3', 'i4']).map((ids) => new Set(ids)),
    wantsNew: fc.boolean(),
  })
  .map(
    ({ moreMib, ...asked }): PlacementRequest => ({
      ...asked,
      bootChargeMib: asked.chargeMib + moreMib,
    }),
  );

type Check = (given: Given, asked: PlacementRequest) => void;

const holds = (name: string, check: Check): void => {
  t.test(name, async (t) => {
    fc.assert(fc.property(states, requests, check), { numRuns: 1000 });
    t.pass();
  });
};

const isWarm = (one: IdleInstance, asked: PlacementRequest): boolean =>
  one.functionName === asked.functionName &&
  one.revisionId === asked.revisionId &&
  !asked.wantsNew &&
  !asked.avoid.has(one.instanceId);

/** The instances that can serve as they are, or with memory that is free. */
const readyOf = (given: Given, asked: PlacementRequest): IdleInstance[] => {
  const freeMib = given.mayTakeMemory ? Math.max(0, given.freeMib) : 0;
  return given.idle.filter(
    (one) => isWarm(one, asked) && asked.chargeMib - one.chargedMib <= freeMib,
  );
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
  assert.ok(given.mayTakeMemory && asked.bootChargeMib <= given.freeMib);
  assert.ok(!given.idle.some((one) => isWarm(one, asked)));
});

/** Whether `freedMib` would let a warm instance grow, or where there is none let one boot. */
const suffices = (given: Given, asked: PlacementRequest, gone: readonly string[]) => {
  const left = given.idle.filter(({ instanceId }) => !gone.includes(instanceId));
  const freed = given.idle.filter(({ instanceId }) => gone.includes(instanceId));
  const freeMib = freed.reduce((sum, { chargedMib }) => sum + chargedMib, 0) + given.freeMib;
  const after = { ...given, idle: left, freeMib: freeMib + given.comingMib, comingMib: 0 };
  return ['reuse', 'boot'].includes(place(after, asked).kind);
};

holds('an eviction suffices, and none of it is superfluous', (given, asked) => {
  const placement = place(given, asked);
  if (placement.kind !== 'evict') return;
  const { instanceIds } = placement;
  const mayDeflate = given.idle.filter((one) => one.deflatableMib > 0 && !one.isProtected);
  const keptWarm = given.idle.filter((one) => isWarm(one, asked));
  if (keptWarm.length === 0) {
    const ids = mayDeflate.map(({ instanceId }) => instanceId);
    assert.ok(!suffices(deflated(given, ids), asked, []), 'deflating would not do');
  }
  assert.ok(given.mayTakeMemory);
  assert.equal(new Set(instanceIds).size, instanceIds.length);
  assert.ok(!given.idle.some((one) => one.isProtected && instanceIds.includes(one.instanceId)));
  assert.ok(suffices(given, asked, instanceIds), 'it makes room');
  for (const spared of instanceIds) {
    const fewer = instanceIds.filter((instanceId) => instanceId !== spared);
    assert.ok(!suffices(given, asked, fewer), `without ${spared} there is no room`);
  }
});

/** The same once these were deflated. */
const deflated = (given: Given, ids: readonly string[]): Given => {
  const chosen = given.idle.filter(({ instanceId }) => ids.includes(instanceId));
  const freedMib = chosen.reduce((sum, { deflatableMib }) => sum + deflatableMib, 0);
  const idle = given.idle.map((one) =>
    chosen.includes(one)
      ? { ...one, chargedMib: one.chargedMib - one.deflatableMib, deflatableMib: 0 }
      : one,
  );
  return { ...given, idle, freeMib: given.freeMib + freedMib };
};

holds('a deflation suffices, and none of it is superfluous', (given, asked) => {
  const placement = place(given, asked);
  if (placement.kind !== 'deflate') return;
  const { instanceIds } = placement;
  assert.ok(given.mayTakeMemory);
  assert.ok(suffices(deflated(given, instanceIds), asked, []), 'it makes room');
  for (const spared of instanceIds) {
    const fewer = instanceIds.filter((instanceId) => instanceId !== spared);
    assert.ok(!suffices(deflated(given, fewer), asked, []), `without ${spared} there is no room`);
  }
});

holds('who waits could not be helped', (given, asked) => {
  if (place(given, asked).kind !== 'wait' || !given.mayTakeMemory) return;
  if (suffices(given, asked, [])) return;
  const warm = given.idle.filter((one) => isWarm(one, asked));
  const mayGo = given.idle.filter(({ isProtected }) => !isProtected);
  const all = mayGo.map(({ instanceId }) => instanceId);
  const keeping = warm.map((one) => all.filter((instanceId) => instanceId !== one.instanceId));
  for (const gone of warm.length > 0 ? keeping : [all]) {
    assert.ok(!suffices(given, asked, gone));
  }
});

const byRank = (rank: (one: IdleInstance) => number) => (one: IdleInstance, other: IdleInstance) =>
  rank(one) - rank(other) ||
  one.idleSinceMs - other.idleSinceMs ||
  (one.instanceId < other.instanceId ? -1 : 1);

/** The first in order that free enough together, and of those only who is needed; else null. */
function chosen(
  order: readonly IdleInstance[],
  missingMib: number,
  freedMib: (one: IdleInstance) => number,
): string[] | null {
  const enough = order.findIndex(
    (_, n) => order.slice(0, n + 1).reduce((sum, one) => sum + freedMib(one), 0) >= missingMib,
  );
  if (enough === -1) return null;
  const some = order.slice(0, enough + 1);
  let spareMib = some.reduce((sum, one) => sum + freedMib(one), 0) - missingMib;
  const spared = new Set<string>();
  for (const one of some.toReversed()) {
    if (freedMib(one) > spareMib) continue;
    spareMib -= freedMib(one);
    spared.add(one.instanceId);
  }
  return some.map(({ instanceId }) => instanceId).filter((id) => !spared.has(id));
}

/** The same decisions by looking at every idle instance. */
function placeByLooking(given: Given, asked: PlacementRequest): Placement {
  const nearest = (instances: readonly IdleInstance[]) =>
    instances.toSorted(
      (one, other) =>
        Math.abs(one.chargedMib - asked.chargeMib) - Math.abs(other.chargedMib - asked.chargeMib) ||
        other.idleSinceMs - one.idleSinceMs,
    )[0];
  const growMib = (one: IdleInstance) => Math.max(0, asked.chargeMib - one.chargedMib);
  const ready = nearest(readyOf(given, asked));
  if (ready !== undefined) {
    return { kind: 'reuse', instanceId: ready.instanceId, growMib: growMib(ready) };
  }
  if (!given.mayTakeMemory) return { kind: 'wait' };
  const tight = nearest(given.idle.filter((one) => isWarm(one, asked)));
  if (tight === undefined && asked.bootChargeMib <= given.freeMib) return { kind: 'boot' };
  const kept = nearest(given.idle.filter((one) => one.isProtected && isWarm(one, asked)));
  const neededMib = tight === undefined ? asked.bootChargeMib : growMib(tight);
  const room = makeRoomByLooking(given, neededMib, tight);
  if (room !== null || kept === undefined) return room ?? { kind: 'wait' };
  return makeRoomByLooking(given, growMib(kept), kept) ?? { kind: 'wait' };
}

function makeRoomByLooking(
  given: Given,
  neededMib: number,
  keep: IdleInstance | undefined,
): Placement | null {
  const missingMib = neededMib - given.freeMib - given.comingMib;
  if (missingMib <= 0) return { kind: 'wait' };
  const others = given.idle.filter((one) => one !== keep && !one.isProtected);
  const hot = others.filter(({ deflatableMib }) => deflatableMib > 0);
  const deflatable = chosen(
    hot.toSorted(byRank(({ hotUntilMs }) => hotUntilMs)),
    missingMib,
    ({ deflatableMib }) => deflatableMib,
  );
  if (deflatable !== null) return { kind: 'deflate', instanceIds: deflatable };
  const evictable = chosen(
    others.toSorted(byRank(({ priority }) => priority)),
    missingMib,
    ({ chargedMib }) => chargedMib,
  );
  return evictable === null ? null : { kind: 'evict', instanceIds: evictable };
}

/** Instances that are equal in size and age may be taken for each other. */
const merged = (placement: Placement, { idle }: Given): unknown => {
  if (placement.kind !== 'reuse') return placement;
  const one = idle.find(({ instanceId }) => instanceId === placement.instanceId);
  return { ...placement, instanceId: null, at: [one?.idleSinceMs] };
};

holds('the index finds what looking at every instance does', (given, asked) => {
  const expected = placeByLooking(given, asked);
  assert.deepEqual(merged(place(given, asked), given), merged(expected, given));
});
