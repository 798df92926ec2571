import type { ResizeReport, ResizeState } from './invocation.js';

/**
 * The states of an instance.
 * `starting`: booting and initialising. `busy`: serves an invocation or is being resized.
 * `hot`: idle at full size. `deflated`: idle, with no more memory than its frozen process holds.
 * `evicting`: being destroyed.
 */
export type InstanceState = 'starting' | 'busy' | 'hot' | 'deflated' | 'evicting';

/** What `/v1/instances` tells of an instance. */
export interface InstanceView {
  readonly instanceId: string;
  readonly state: InstanceState;
  readonly functionName: string;
  readonly version: string;
  readonly floorMib: number;
  readonly pluggedMib: number;
  readonly limitMib: number;
  /** The function's share of the processor, in thousandths of a vCPU; 0 before it was started. */
  readonly cpuMillis: number;
  /** What the function may keep in `/tmp`. */
  readonly storageMib: number;
  /** What its scratch disk takes of the host's, or null when it has gone. */
  readonly diskMib: number | null;
  /** Resident memory of the QEMU process on the host, or null when it has gone. */
  readonly residentMib: number | null;
  /** What the ledger holds for it: at least what it can come to take at its size. */
  readonly chargedMib: number;
  /** The resize under way, or the last one with the size that it reached; null before the first. */
  readonly resize: {
    readonly requestedMib: number;
    readonly state: ResizeState;
    readonly pluggedMib: number;
    readonly limitMib: number;
  } | null;
  /** Time since the last invocation ended; 0 unless idle. */
  readonly idleMs: number;
}

/** What a change of the storage by `PUT /v1/instances/ID/storage` reached. */
export interface InstanceStorage {
  readonly instanceId: string;
  readonly storageMib: number;
  readonly fromMib: number;
  /** What of it the function's files take. */
  readonly usedMib: number;
}

/** What a resize asked for by `PUT /v1/instances/ID/memory` reached. */
export interface InstanceResize {
  readonly instanceId: string;
  readonly requestedMib: number;
  readonly fromMib: number;
  readonly pluggedMib: number;
  readonly limitMib: number;
  readonly resize: ResizeReport;
}
