/** Instances, as people are shown them. */
import type { InstanceView } from '../model/instance.js';
import type { PooledInstance } from '../pool/contract.js';
import type { Booting, Fleet } from './fleet.js';

export async function viewOf(fleet: Fleet, instance: PooledInstance): Promise<InstanceView> {
  const { instanceId, state, fn, size, cpuMillis, storageMib } = instance;
  const isIdle = state === 'hot' || state === 'deflated';
  return {
    instanceId,
    state,
    functionName: fn.functionName,
    version: fn.version,
    floorMib: fleet.floorMib,
    pluggedMib: size.pluggedMib,
    limitMib: size.limitMib,
    cpuMillis,
    storageMib,
    diskMib: await instance.diskMib(),
    residentMib: (await instance.resident())?.residentMib ?? null,
    chargedMib: fleet.ledger.chargeOf(instanceId),
    resize: standing(instance),
    idleMs: isIdle ? Math.round(performance.now() - instance.idleSinceMs) : 0,
  };
}

export function bootingViewOf(fleet: Fleet, { instanceId, fn }: Booting): InstanceView {
  const { functionName, version } = fn;
  const { floorMib } = fleet;
  const chargedMib = fleet.ledger.chargeOf(instanceId);
  const nothing = { pluggedMib: 0, limitMib: 0, cpuMillis: 0, residentMib: null, idleMs: 0 };
  const storage = { storageMib: fn.ephemeralMib, diskMib: null };
  const known = { instanceId, functionName, version, floorMib, chargedMib };
  return { ...known, state: 'starting', resize: null, ...nothing, ...storage };
}

/** The resize under way, or the last one. */
function standing({ transaction }: PooledInstance): InstanceView['resize'] {
  if (transaction === null) return null;
  const { requestedMib, state, size } = transaction;
  return { requestedMib, state, ...size };
}
