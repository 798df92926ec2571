import type { FunctionRecord } from './function.js';
import type { HostView } from './host.js';
import type { InstanceResize, InstanceStorage, InstanceView } from './instance.js';
import type { InvocationRequest, InvocationResult } from './invocation.js';
import type { Sizing } from './needs.js';
import type { TemplateView } from './template.js';

/** What the API may ask of the rooms below it. The scheduler implements it. */
export interface InvocationService {
  /** The most that an invocation can have of the processor here, in thousandths of a vCPU. */
  readonly maxCpuMillis: number;
  /**
   * Runs one invocation on an instance of its size.
   * @throws BallastError SIZE_BEYOND_HOST, QUEUE_FULL, QUEUE_TIMEOUT, CLIENT_GONE, SHUTTING_DOWN,
   * INSTANCE_START_FAILED, INSTANCE_LOST, RESIZE_UNSETTLED
   */
  invoke(request: InvocationRequest): Promise<InvocationResult>;
  /** Throws SIZE_BEYOND_HOST where no instance of this size can ever be started here. */
  checkSize(requestedMib: number): void;
  /** What the function's invocations needed of memory, and the size that follows from it. */
  sizing(functionName: string): Sizing;
  instances(): Promise<readonly InstanceView[]>;
  /** @throws BallastError INSTANCE_NOT_FOUND */
  instance(instanceId: string): Promise<InstanceView>;
  /**
   * Resizes an idle instance.
   * @throws BallastError INSTANCE_NOT_FOUND, INSTANCE_BUSY, MEMORY_HELD, RESIZE_UNSETTLED,
   * BUDGET_EXHAUSTED, SIZE_BEYOND_HOST; the details carry the size at which it stands
   */
  resize(instanceId: string, requestedMib: number): Promise<InstanceResize>;
  /**
   * Changes what an idle instance's function may keep in `/tmp`.
   * @throws BallastError INSTANCE_NOT_FOUND, INSTANCE_BUSY, STORAGE_HELD
   */
  setStorage(instanceId: string, storageMib: number): Promise<InstanceStorage>;
  /** Destroys an instance; what it runs fails. @throws BallastError INSTANCE_NOT_FOUND */
  evict(instanceId: string): Promise<void>;
  /**
   * Evicts the instances of one of the function's versions, or of all where none is named, which
   * are of another revision than `keepRevisionId`: the busy ones when done.
   */
  retire(functionName: string, keepRevisionId: string | null, version?: string): void;
  host(): Promise<HostView>;
}

/** What new instances begin as copies of. */
export interface TemplateService {
  templates(): readonly TemplateView[];
  /**
   * Has the template of a runtime made, unless it is there; resolves when it is.
   * @throws BallastError TEMPLATE_FAILED, NOT_IMPLEMENTED where instances are booted
   */
  buildTemplate(runtime: string): Promise<void>;
}

/** Makes the snapshots that published versions start from. */
export interface SnapshotService {
  /**
   * Resolves when the version can be invoked. Its code stays on the disk until then, and longer
   * only if the version does. Many may be asked for at a time; one that is there already, or on its
   * way, costs nothing.
   * @throws BallastError VERSION_FAILED with the reason where the function's own initialisation
   * failed, SHUTTING_DOWN where it is to be asked for again by the next service; any other error is
   * a failure of the service
   */
  request(fn: FunctionRecord): Promise<void>;
}
