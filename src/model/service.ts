import type { HostView } from './host.js';
import type { InstanceResize, InstanceView } from './instance.js';
import type { InvocationRequest, InvocationResult } from './invocation.js';

/** What the API may ask of the rooms below it. The scheduler implements it. */
export interface InvocationService {
  /**
   * Runs one invocation on an instance of its size.
   * @throws BallastError SIZE_BEYOND_HOST, QUEUE_FULL, QUEUE_TIMEOUT, CLIENT_GONE, SHUTTING_DOWN,
   * INSTANCE_START_FAILED, INSTANCE_LOST, RESIZE_UNSETTLED
   */
  invoke(request: InvocationRequest): Promise<InvocationResult>;
  /** Throws SIZE_BEYOND_HOST where no instance of this size can ever be started here. */
  checkSize(requestedMib: number): void;
  instances(): Promise<readonly InstanceView[]>;
  /** @throws BallastError INSTANCE_NOT_FOUND */
  instance(instanceId: string): Promise<InstanceView>;
  /**
   * Resizes an idle instance.
   * @throws BallastError INSTANCE_NOT_FOUND, INSTANCE_BUSY, MEMORY_HELD, RESIZE_UNSETTLED,
   * BUDGET_EXHAUSTED, SIZE_BEYOND_HOST; the details carry the size at which it stands
   */
  resize(instanceId: string, requestedMib: number): Promise<InstanceResize>;
  /** Destroys an instance; what it runs fails. @throws BallastError INSTANCE_NOT_FOUND */
  evict(instanceId: string): Promise<void>;
  /**
   * Evicts the function's instances of every revision but `keepRevisionId`, the busy ones when
   * done.
   */
  retire(functionName: string, keepRevisionId: string | null): void;
  host(): Promise<HostView>;
}
