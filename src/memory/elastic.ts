/** The elastic memory of one VM, whatever its mechanism: what the host gives beyond the floor. */
import type { Domain } from '../../lib/index.js';

/**
 * `virtio-mem`: blocks that are plugged and unplugged. `balloon`: boot memory that the guest's
 * balloon driver gives back. `process`: boot memory that the agent itself holds, zeroed and locked.
 */
export const mechanisms = ['virtio-mem', 'balloon', 'process'] as const;
export type Mechanism = (typeof mechanisms)[number];

export interface Settling {
  readonly pluggedMib: number;
  readonly settled: boolean;
}

export interface Elastic {
  readonly mechanism: Mechanism;
  /** What the guest was last asked for; null where a request failed, so that nobody knows. */
  readonly askedMib: number | null;
  /**
   * What the guest has beyond its floor now.
   * @throws BallastError INSTANCE_LOST when QEMU or the guest does not answer
   */
  pluggedMib(): Promise<number>;
  /**
   * Asks the guest for a size, in whole blocks. Returns when it was asked, not when it is so.
   * @throws BallastError INSTANCE_LOST when QEMU or the guest does not answer
   */
  request(pluggedMib: number): Promise<void>;
  /**
   * Waits until the guest has the size, at most `boundMs`, and tells the size reached.
   * @throws BallastError INSTANCE_LOST when QEMU or the guest does not answer
   */
  settle(targetMib: number, boundMs: number): Promise<Settling>;
  /** Goes on with the same domain by another connection to libvirt. */
  rebind(domain: Domain): void;
  /** Whether the host gets the pages back that a claim takes from the guest. */
  returnsMemory(): Promise<boolean>;
}

/** QEMU answers within milliseconds; one that takes so long hangs. */
export const answerMs = 15_000;
