/** Places requests on the fleet, and has room made for them. */
import type { FunctionRecord } from '../model/function.js';
import type { InstancePool } from '../pool/contract.js';
import type { Fleet } from './fleet.js';
import { type Placement, place } from './placement.js';

/** What an instance is wanted for. */
export interface Want {
  readonly fn: FunctionRecord;
  readonly requestedMib: number;
  readonly avoid: ReadonlySet<string>;
  readonly wantsNew: boolean;
}

export class Placer {
  readonly #fleet: Fleet;
  readonly #pool: InstancePool;
  readonly #maxBoots: number;

  /** @param maxBoots Boots that may run at a time */
  constructor(fleet: Fleet, pool: InstancePool, maxBoots: number) {
    this.#fleet = fleet;
    this.#pool = pool;
    this.#maxBoots = maxBoots;
  }

  /**
   * Places a request that is there. What the pool keeps ready for requests to come goes before what
   * serves those that are there.
   * @param mayTakeMemory False while an earlier request waits for memory
   */
  placeNow(want: Want, mayTakeMemory: boolean): Placement {
    const placement = this.place(want, mayTakeMemory);
    if (!mayTakeMemory || placement.kind === 'reuse' || placement.kind === 'boot') return placement;
    const fleet = this.#fleet;
    const hasMib = fleet.freeMibFor(want.fn.functionName) + fleet.comingMib();
    const missingMib = fleet.bootChargeFor(want.requestedMib) - hasMib;
    if (missingMib <= 0) return placement;
    this.#pool.yieldMib(missingMib);
    return this.place(want, mayTakeMemory);
  }

  /**
   * @param mayTakeMemory False while an earlier request waits for memory. What is kept for the
   * function itself may be taken all the same.
   */
  place({ fn, requestedMib, avoid, wantsNew }: Want, mayTakeMemory: boolean): Placement {
    const fleet = this.#fleet;
    const freeMib = fleet.freeMibFor(fn.functionName);
    const ownMib = fleet.ownMibOf(fn.functionName);
    return place(
      {
        freeMib: mayTakeMemory ? freeMib : Math.min(freeMib, ownMib),
        comingMib: fleet.comingMib(),
        idle: fleet.roster.idle,
        mayTakeMemory: mayTakeMemory || ownMib > 0,
        mayBoot: fleet.bootingCount < this.#maxBoots,
      },
      {
        functionName: fn.functionName,
        revisionId: fn.revisionId,
        chargeMib: fleet.chargeFor(requestedMib),
        bootChargeMib: fleet.bootChargeFor(requestedMib),
        avoid,
        wantsNew,
      },
    );
  }

  /** Carries out what placement decided for the sake of room. */
  makeRoom({ kind, instanceIds }: Extract<Placement, { kind: 'deflate' | 'evict' }>): void {
    for (const instanceId of instanceIds) {
      if (kind === 'deflate') void this.#fleet.deflate(instanceId);
      else this.#fleet.displace(instanceId);
    }
  }
}
