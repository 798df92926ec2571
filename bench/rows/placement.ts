/** How many decisions of placement and keep-alive can be made in a second. */
import { policyFor } from '../../src/policy.js';
import { IdleIndex, type IdleInstance } from '../../src/scheduler/idleIndex.js';
import { Keeper } from '../../src/scheduler/keeper.js';
import { place } from '../../src/scheduler/placement.js';
import { lonelyRow, type Row } from '../row.js';

const idleCounts = [10, 1_000, 10_000] as const;
const functions = 100;
const turns = 7;
const decisions = 20_000;
const warmUps = 2;
const largestMib = 2_000;
const usPerMs = 1_000;
const nobody: ReadonlySet<string> = new Set();

/** One decision: to place a call, to take its instance, to put it back, and what becomes of it. */
export function placements(): readonly Row[] {
  return idleCounts.map((count) => {
    const decide = decider(count);
    for (let turn = 0; turn < warmUps; turn += 1) usOfDecision(decide);
    const samples = Array.from({ length: turns }, () => usOfDecision(decide));
    return lonelyRow(`placement-${count}`, samples, 'us');
  });
}

function usOfDecision(decide: (nth: number) => void): number {
  const startedMs = performance.now();
  for (let nth = 0; nth < decisions; nth += 1) decide(nth);
  return ((performance.now() - startedMs) * usPerMs) / decisions;
}

function decider(idleCount: number): (nth: number) => void {
  const { keepAlive: rules } = policyFor('kvm', 'virtio-mem');
  const keeper = new Keeper({ policy: { kind: 'hybrid' }, rules });
  const idle = new IdleIndex();
  for (let nth = 0; nth < idleCount; nth += 1) idle.put(idleInstance(nth, keeper));
  return (nth) => {
    const functionName = `f${nth % Math.min(functions, idleCount)}`;
    const chargeMib = (nth * 37) % largestMib;
    const request = { functionName, revisionId: '1', chargeMib, bootChargeMib: chargeMib };
    const room = { freeMib: largestMib, comingMib: 0, mayTakeMemory: true, mayBoot: true };
    const placement = place({ ...room, idle }, { ...request, avoid: nobody, wantsNew: false });
    if (placement.kind !== 'reuse') throw new Error(`it is to be reused, not: ${placement.kind}`);
    const one = idle.get(placement.instanceId) as IdleInstance;
    idle.remove(one.instanceId);
    keeper.demand.called(one.versionKey, nth);
    const standing = keeper.standing(one.versionKey, nth);
    keeper.demand.ended(one.versionKey, nth);
    idle.put({ ...one, ...standing, priority: keeper.priority(standing, one.chargedMib) });
    keeper.fateAtOnce(one.versionKey, nth);
  };
}

function idleInstance(nth: number, keeper: Keeper): IdleInstance {
  const functionName = `f${nth % functions}`;
  const versionKey = `${functionName}:1`;
  const chargedMib = (nth * 91) % largestMib;
  const standing = keeper.standing(versionKey, nth);
  return {
    instanceId: `i-${nth}`,
    functionName,
    versionKey,
    revisionId: '1',
    chargedMib,
    deflatableMib: Math.floor(chargedMib / 2),
    idleSinceMs: standing.idleSinceMs,
    hotUntilMs: standing.hotUntilMs,
    priority: keeper.priority(standing, chargedMib),
    isProtected: false,
  };
}
