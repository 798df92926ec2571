import type { ResizeReport } from './invocation.js';

/**
 * The states of an instance.
 * `starting`: booting and initialising. `busy`: serves an invocation or is being resized.
 * `hot`: idle at full size. `evicting`: being destroyed.
 */
export type InstanceState = 'starting' | 'busy' | 'hot' | 'evicting';

/** What `/v1/instances` tells of an instance. */
export interface InstanceView {
  readonly instanceId: string;
  readonly state: InstanceState;
  readonly functionName: string;
  readonly version: string;
  readonly floorMib: number;
  readonly pluggedMib: number;
  readonly limitMib: number;
  /** Resident memory of the QEMU process on the host, or null when it has gone. */
  readonly residentMib: number | null;
  /** Time since the last invocation ended; 0 unless idle. */
  readonly idleMs: number;
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
