/**
 * The rooms below the API, without VMs: it answers what a test tells it and keeps what it was
 * asked.
 */
import { BallastError } from '../../src/model/errors.js';
import type { HostView } from '../../src/model/host.js';
import type { InstanceResize, InstanceView } from '../../src/model/instance.js';
import type { InvocationRequest, InvocationResult, Receipt } from '../../src/model/invocation.js';
import type { InvocationService } from '../../src/model/service.js';

const instanceId = 'i-1';

function receiptFor(request: InvocationRequest, changes: Partial<Receipt> = {}): Receipt {
  return {
    requestId: request.requestId,
    functionName: request.fn.functionName,
    instanceId,
    start: 'warm',
    requestedMib: request.requestedMib,
    fromMib: 128,
    pluggedMib: request.requestedMib,
    limitMib: request.requestedMib,
    peakMib: 74,
    resize: { mechanism: 'none', ms: 0, settled: true },
    queueMs: 0.5,
    initMs: 0,
    durationMs: 128.834,
    billedMs: 129,
    ...changes,
  };
}

/** An answer that repeats the event. */
export function resultFor(
  request: InvocationRequest,
  changes: Partial<InvocationResult> = {},
): InvocationResult {
  return {
    payload: request.payload,
    failure: null,
    logTail: Buffer.from('hello\n'),
    receipt: receiptFor(request),
    ...changes,
  };
}

export class FakeService implements InvocationService {
  readonly maxMib: number;
  readonly invocations: InvocationRequest[] = [];
  /** Calls of `retire`: the function, and the revision that was kept. */
  readonly retired: [string, string | null][] = [];
  readonly evicted: string[] = [];
  /** What an invocation comes to; a test replaces it. */
  answer: (request: InvocationRequest) => Promise<InvocationResult> = async (request) =>
    resultFor(request);
  /** Thrown by what concerns instances, where a test sets it. */
  refusal: Error | null = null;

  constructor(maxMib = 4096) {
    this.maxMib = maxMib;
  }

  async invoke(request: InvocationRequest): Promise<InvocationResult> {
    this.invocations.push(request);
    return await this.answer(request);
  }

  checkSize(requestedMib: number): void {
    if (requestedMib <= this.maxMib) return;
    throw new BallastError(
      'SIZE_BEYOND_HOST',
      `${requestedMib} MiB is more than this host can give: at most ${this.maxMib} MiB.`,
    );
  }

  async instances(): Promise<readonly InstanceView[]> {
    return [await this.instance(instanceId)];
  }

  async instance(id: string): Promise<InstanceView> {
    this.#find(id);
    return {
      instanceId,
      state: 'hot',
      functionName: 'hello',
      version: '$LATEST',
      floorMib: 64,
      pluggedMib: 128,
      limitMib: 128,
      residentMib: null,
      idleMs: 12,
    };
  }

  async resize(id: string, requestedMib: number): Promise<InstanceResize> {
    this.#find(id);
    this.checkSize(requestedMib);
    return {
      instanceId,
      requestedMib,
      fromMib: 128,
      pluggedMib: requestedMib,
      limitMib: requestedMib,
      resize: { mechanism: 'virtio-mem', ms: 11, settled: true },
    };
  }

  async evict(id: string): Promise<void> {
    this.#find(id);
    this.evicted.push(id);
  }

  retire(functionName: string, keepRevisionId: string | null): void {
    this.retired.push([functionName, keepRevisionId]);
  }

  async host(): Promise<HostView> {
    return {
      memory: { budgetMib: 8192, chargedMib: 192, reservedMib: 0 },
      accelerator: { kind: 'tcg', reason: 'there is no /dev/kvm' },
      libvirt: { uri: 'test:///default', version: '9.0.0' },
      qemu: { version: '7.2.0' },
      image: { digest: 'd', kernel: '6.1.0' },
      floorMib: 64,
      maxMemoryMib: this.maxMib,
      instances: { starting: 0, busy: 0, hot: 1, evicting: 0 },
      queued: 0,
      runtimes: [{ name: 'nodejs20.x' }],
    };
  }

  #find(id: string): void {
    if (this.refusal !== null) throw this.refusal;
    if (id === instanceId) return;
    throw new BallastError('INSTANCE_NOT_FOUND', `There is no instance ${id}.`);
  }
}
