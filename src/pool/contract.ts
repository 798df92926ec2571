/** What the scheduler needs of the rooms below it. `Pool` and `Instance` are the real ones. */
import type { Size } from '../memory/plan.js';
import type { ResizeOutcome } from '../memory/resize.js';
import type { Transaction } from '../memory/transaction.js';
import type { FunctionRecord } from '../model/function.js';
import type { InstanceState } from '../model/instance.js';
import type { InvocationRequest } from '../model/invocation.js';
import type { Ending } from './ending.js';
import type { HostCapView } from './hostCap.js';
import type { ResidentMemory } from './resident.js';
import type { StartMethod } from './startMethod.js';

export interface RuntimeStart {
  /** The function's own failure to initialise; null when the runtime is ready for an invocation. */
  readonly failure: Ending | null;
  /** 0 where the runtime ran already. */
  readonly initMs: number;
  /** Whether it had initialised before its machine was cloned. */
  readonly isRestored: boolean;
}

export interface PooledInstance {
  readonly instanceId: string;
  readonly fn: FunctionRecord;
  /** How it came to be. */
  readonly start: StartMethod;
  readonly state: InstanceState;
  readonly size: Size;
  /** The function's share of the processor, in thousandths of a vCPU; 0 before it was started. */
  readonly cpuMillis: number;
  /** What the function may keep in `/tmp`. */
  readonly storageMib: number;
  /** When its last use ended, on the clock of `performance.now()`. */
  readonly idleSinceMs: number;
  /** The resize under way, or the last one; null before the first. */
  readonly transaction: Transaction | null;
  /** Whether an invocation runs on it: its memory may be resized meanwhile. */
  readonly isServing: boolean;
  /** Memory of the host that its QEMU has; null when that has gone. */
  resident(): Promise<ResidentMemory | null>;
  /** What its scratch disk takes of the host's; null when it has gone. */
  diskMib(): Promise<number | null>;
  /** Begins its first use, once it has booted. */
  begin(): void;
  /** Takes an idle instance into use. @throws BallastError INSTANCE_BUSY */
  occupy(): void;
  /**
   * Ends a use: the instance is idle again, unless it is being evicted. One that was deflated has
   * been idle since its use before.
   */
  vacate(as: 'hot' | 'deflated'): void;
  /**
   * Brings a busy instance to a size, with a share of the processor (in thousandths of a vCPU;
   * null for what comes with the size). A function that runs stands still where memory is claimed.
   * @throws BallastError MEMORY_HELD, RESIZE_UNSETTLED, SIZE_BEYOND_HOST, INSTANCE_LOST,
   * INSTANCE_BUSY while another resize of it is under way
   */
  resize(requestedMib: number, cpuMillis?: number | null): Promise<ResizeOutcome>;
  /**
   * Brings a busy instance down to what its frozen process holds. The next resize brings it back.
   * @throws BallastError MEMORY_HELD where it holds all it has, INSTANCE_LOST
   */
  deflate(): Promise<ResizeOutcome>;
  /**
   * Changes what the function of a busy instance may keep in `/tmp`, while no invocation runs;
   * tells what its files take. Before its runtime was first started it is noted for then.
   * @throws BallastError STORAGE_HELD, INSTANCE_BUSY, INSTANCE_LOST
   */
  setStorage(storageMib: number): Promise<{ readonly usedMib: number }>;
  /**
   * Starts the runtime at a size and a share of the processor, unless it runs.
   * @throws BallastError INSTANCE_LOST, GUEST_TIMEOUT, GUEST_PROTOCOL
   */
  startRuntime(requestedMib: number, cpuMillis?: number | null): Promise<RuntimeStart>;
  /**
   * Runs one invocation. A function that overruns its timeout loses its runtime, not its VM.
   * @throws BallastError INSTANCE_LOST, GUEST_TIMEOUT, GUEST_PROTOCOL
   */
  invoke(request: InvocationRequest): Promise<Ending>;
}

export interface InstancePool {
  /** @throws BallastError SIZE_BEYOND_HOST for a size that no instance here can have */
  checkSize(requestedMib: number): void;
  /** Whether the host itself limits what a VM may take. */
  readonly hostCap: HostCapView;
  get(instanceId: string): PooledInstance | undefined;
  all(): readonly PooledInstance[];
  /**
   * Starts an instance, by a template or by a boot, in state `starting`; its runtime is not the
   * function's yet.
   * @throws BallastError INSTANCE_START_FAILED
   */
  start(instanceId: string, fn: FunctionRecord, requestedMib: number): Promise<PooledInstance>;
  /** What is not charged to instances, and is given up for them: what is on its way back. */
  readonly comingMib: number;
  /** Gives up so much of the budget that is kept ready for instances to come. */
  yieldMib(mib: number): void;
  /** Keeps so many shells ready for a runtime from now on, as far as the budget has room. */
  keepShells(runtime: string, wanted: number): void;
  /** The version is gone, or all versions are: nothing is kept of them. */
  forget(functionName: string, version: string | null): void;
  /** Ends an instance. Resolves when the host has its memory; asking twice is asking once. */
  destroy(instanceId: string): Promise<void>;
  /**
   * Gives up the boots under way and ends every instance; invocations under way fail with
   * SHUTTING_DOWN. Can be called again for what could not be ended.
   * @throws AggregateError once all is tried, with a failure for each instance that is still there
   */
  close(): Promise<void>;
}
