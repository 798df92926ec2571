/** What the scheduler needs of the rooms below it. `Pool` and `Instance` are the real ones. */
import type { Size } from '../memory/plan.js';
import type { ResizeOutcome } from '../memory/resize.js';
import type { FunctionRecord } from '../model/function.js';
import type { InstanceState } from '../model/instance.js';
import type { InvocationRequest } from '../model/invocation.js';
import type { Ending } from './ending.js';

export interface RuntimeStart {
  /** The function's own failure to initialise; null when the runtime is ready for an invocation. */
  readonly failure: Ending | null;
  /** 0 where the runtime ran already. */
  readonly initMs: number;
}

export interface PooledInstance {
  readonly instanceId: string;
  readonly fn: FunctionRecord;
  readonly state: InstanceState;
  readonly size: Size;
  /** When its last use ended, on the clock of `performance.now()`. */
  readonly idleSinceMs: number;
  /** Resident memory of its QEMU on the host; null when that has gone. */
  residentMib(): Promise<number | null>;
  /** Begins its first use, once it has booted. */
  begin(): void;
  /** Takes an idle instance into use. @throws BallastError INSTANCE_BUSY */
  occupy(): void;
  /** Ends a use: the instance is idle again, unless it is being evicted. */
  vacate(): void;
  /**
   * Brings a busy instance to a size.
   * @throws BallastError MEMORY_HELD, RESIZE_UNSETTLED, SIZE_BEYOND_HOST, INSTANCE_LOST
   */
  resize(requestedMib: number): Promise<ResizeOutcome>;
  /**
   * Starts the runtime at a size, unless it runs.
   * @throws BallastError INSTANCE_LOST, GUEST_TIMEOUT, GUEST_PROTOCOL
   */
  startRuntime(requestedMib: number): Promise<RuntimeStart>;
  /**
   * Runs one invocation. A function that overruns its timeout loses its runtime, not its VM.
   * @throws BallastError INSTANCE_LOST, GUEST_TIMEOUT, GUEST_PROTOCOL
   */
  invoke(request: InvocationRequest): Promise<Ending>;
}

export interface InstancePool {
  /** @throws BallastError SIZE_BEYOND_HOST for a size that no instance here can have */
  checkSize(requestedMib: number): void;
  get(instanceId: string): PooledInstance | undefined;
  all(): readonly PooledInstance[];
  /**
   * Boots an instance, in state `starting`, its runtime not yet started.
   * @throws BallastError INSTANCE_START_FAILED
   */
  boot(instanceId: string, fn: FunctionRecord, requestedMib: number): Promise<PooledInstance>;
  /** Ends an instance. Resolves when the host has its memory; asking twice is asking once. */
  destroy(instanceId: string): Promise<void>;
  /** Gives up the boots under way and ends every instance. */
  close(): Promise<void>;
}
