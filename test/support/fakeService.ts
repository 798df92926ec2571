/**
 * The rooms below the API, without VMs: it answers what a test tells it and keeps what it was
 * asked.
 */
import { BallastError } from '../../src/model/errors.js';
import type { HostView } from '../../src/model/host.js';
import type { InstanceResize, InstanceStorage, InstanceView } from '../../src/model/instance.js';
import type { InvocationRequest, InvocationResult, Receipt } from '../../src/model/invocation.js';
import type { Sizing } from '../../src/model/needs.js';
import type { InvocationService } from '../../src/model/service.js';

const instanceId = 'i-1';

export function receiptFor(request: InvocationRequest, changes: Partial<Receipt> = {}): Receipt {
  return {
    requestId: request.requestId,
    functionName: request.fn.functionName,
    instanceId,
    start: 'warm',
    requestedMib: request.requestedMib,
    killedAtMib: null,
    fromMib: 128,
    pluggedMib: request.requestedMib,
    limitMib: request.requestedMib,
    peakMib: 74,
    cpuMillis: request.cpuMillis ?? 72,
    storageMib: request.storageMib,
    resize: { mechanism: 'none', ms: 0, settled: true, state: 'settled', returned: true },
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
  readonly maxCpuMillis = 2000;
  readonly invocations: InvocationRequest[] = [];
  /** Calls of `retire`: the function, the revision that was kept, the version. */
  readonly retired: [string, string | null, string | undefined][] = [];
  readonly evicted: string[] = [];
  /** What an invocation comes to; a test replaces it. */
  answer: (request: InvocationRequest) => Promise<InvocationResult> = async (request) =>
    resultFor(request);
  /** What functions have needed, by their names. */
  readonly sizings = new Map<string, Sizing>();
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

  sizing(functionName: string): Sizing {
    const unknown = { needs: [], samples: 0, recommendedMib: null, confidence: 0 };
    return this.sizings.get(functionName) ?? unknown;
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
      cpuMillis: 72,
      storageMib: 512,
      diskMib: 1,
      residentMib: null,
      chargedMib: 700,
      resize: null,
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
      resize: { mechanism: 'virtio-mem', ms: 11, settled: true, state: 'settled', returned: true },
    };
  }

  async setStorage(id: string, storageMib: number): Promise<InstanceStorage> {
    this.#find(id);
    return { instanceId, storageMib, fromMib: 512, usedMib: 3 };
  }

  async evict(id: string): Promise<void> {
    this.#find(id);
    this.evicted.push(id);
  }

  retire(functionName: string, keepRevisionId: string | null, version?: string): void {
    this.retired.push([functionName, keepRevisionId, version]);
  }

  async host(): Promise<HostView> {
    return {
      memory: { budgetMib: 8192, chargedMib: 192, reservedMib: 0 },
      accelerator: { kind: 'tcg', reason: 'there is no /dev/kvm' },
      mechanism: { name: 'virtio-mem', reason: 'a fake has all' },
      start: { name: 'clone', reason: 'a fake has all' },
      memoryMax: { isSet: false, reason: 'a fake has none' },
      libvirt: { uri: 'test:///default', version: '9.0.0' },
      qemu: { version: '7.2.0' },
      image: { digest: 'd', kernel: '6.1.0' },
      floorMib: 64,
      maxMemoryMib: this.maxMib,
      maxCpuMillis: this.maxCpuMillis,
      instances: { starting: 0, busy: 0, hot: 1, deflated: 0, evicting: 0 },
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
