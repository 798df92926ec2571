/** An instance without a VM. It keeps the contract of the pool and watches that its user does. */

import { cpuMillisFor } from '../../src/memory/cpu.js';
import { type Geometry, pluggedFor } from '../../src/memory/geometry.js';
import { checkSize, type Size } from '../../src/memory/plan.js';
import type { ResizeOutcome } from '../../src/memory/resize.js';
import { BallastError } from '../../src/model/errors.js';
import type { FunctionRecord } from '../../src/model/function.js';
import type { InstanceState } from '../../src/model/instance.js';
import type {
  FunctionFailure,
  InvocationRequest,
  ResizeReport,
} from '../../src/model/invocation.js';
import type { PooledInstance, RuntimeStart } from '../../src/pool/contract.js';
import type { Ending } from '../../src/pool/ending.js';
import type { ResidentMemory } from '../../src/pool/resident.js';

/** What a guest does when it is asked; each may wait, and throw what the contract allows. */
export interface GuestBehaviour {
  boot(instanceId: string, requestedMib: number): Promise<void>;
  /** Tells what was plugged where an unplug stopped half-way; undefined where it went well. */
  resize(instance: FakeInstance, requestedMib: number): Promise<number | undefined>;
  /** Tells what the frozen process holds, in MiB. */
  deflate(instance: FakeInstance): Promise<number>;
  /** The function's failure to initialise, or null. */
  start(instance: FakeInstance): Promise<Ending | null>;
  invoke(instance: FakeInstance, request: InvocationRequest): Promise<Ending>;
  destroy(instanceId: string): Promise<void>;
}

export interface FakeHost {
  readonly geometry: Geometry;
  readonly behaviour: GuestBehaviour;
  /** Passes before anything is done, so that whoever asked has to wait for it. */
  readonly pause: (what: string) => Promise<void>;
  /** Notes that the contract was broken. */
  readonly breach: (what: string) => void;
  readonly lost: (instanceId: string, reason: Error) => void;
}

/** Of every instance. */
const vcpus = 2;

/** Failures after which the runtime still runs. */
const survivable = ['error', 'response-too-large'];

export function ending(failure: FunctionFailure | null = null, payload = '"done"'): Ending {
  return {
    failure,
    payload: failure === null ? Buffer.from(payload) : new Uint8Array(0),
    logTail: new Uint8Array(0),
    durationMs: 5,
    peakMib: 40,
    heldMib: 30,
  };
}

function reportOf(mechanism: ResizeReport['mechanism'], settled: boolean): ResizeReport {
  return { mechanism, ms: 1, settled, state: settled ? 'settled' : 'partial', returned: true };
}

export class FakeInstance implements PooledInstance {
  readonly instanceId: string;
  readonly fn: FunctionRecord;
  readonly start = 'boot';
  /** How often its runtime was started. */
  starts = 0;
  /** What the host is seen to have given it, where that is not what it has plugged. */
  keptMib: number | null = null;
  /** What the function keeps in /tmp. */
  filesMib = 0;
  readonly transaction = null;
  #isServing = false;
  #isResizing = false;
  readonly #host: FakeHost;
  readonly #ended: Promise<never>;
  #end: (reason: Error) => void = () => {};
  #lostFor: Error | null = null;
  #state: InstanceState = 'starting';
  #size: Size;
  #cpuMillis = 0;
  #storageMib: number;
  #idleSinceMs = 0;
  #runtimeUp = false;
  #doing: string | null = null;

  constructor(host: FakeHost, instanceId: string, fn: FunctionRecord, requestedMib: number) {
    this.#host = host;
    this.instanceId = instanceId;
    this.fn = fn;
    this.#storageMib = fn.ephemeralMib;
    this.#size = { pluggedMib: pluggedFor(requestedMib), limitMib: 0 };
    this.#ended = new Promise((_, reject) => {
      this.#end = reject;
    });
    this.#ended.catch(() => {});
  }

  get state(): InstanceState {
    return this.#state;
  }

  get size(): Size {
    return this.#size;
  }

  get cpuMillis(): number {
    return this.#cpuMillis;
  }

  get storageMib(): number {
    return this.#storageMib;
  }

  get idleSinceMs(): number {
    return this.#idleSinceMs;
  }

  get isServing(): boolean {
    return this.#isServing;
  }

  async resident(): Promise<ResidentMemory | null> {
    const residentMib = this.keptMib ?? this.#size.pluggedMib;
    return this.#lostFor === null ? { residentMib, mergedMib: 0 } : null;
  }

  async diskMib(): Promise<number | null> {
    return this.#lostFor === null ? 1 : null;
  }

  begin(): void {
    if (this.#state === 'starting') this.#state = 'busy';
  }

  occupy(): void {
    if (this.#state !== 'hot' && this.#state !== 'deflated') {
      throw new BallastError('INSTANCE_BUSY', `The instance ${this.instanceId} is not idle.`);
    }
    this.#state = 'busy';
  }

  vacate(as: 'hot' | 'deflated'): void {
    if (this.#doing !== null) this.#breach(`vacated during '${this.#doing}'`);
    if (this.#state === 'evicting') return;
    this.#state = as;
    if (as === 'hot') this.#idleSinceMs = performance.now();
  }

  /** The VM goes away, asked for by the pool. */
  markEvicting(code: 'INSTANCE_LOST' | 'SHUTTING_DOWN'): void {
    this.#state = 'evicting';
    this.#lose(new BallastError(code, `The instance ${this.instanceId} was evicted.`));
  }

  /** The VM goes away by itself. */
  crash(): void {
    if (this.#lostFor !== null) return;
    const reason = new BallastError('INSTANCE_LOST', `The VM of ${this.instanceId} died.`);
    this.#lose(reason);
    if (this.#state !== 'evicting') this.#host.lost(this.instanceId, reason);
  }

  /** Alone, or beside an invocation. */
  async resize(requestedMib: number, cpuMillis: number | null = null): Promise<ResizeOutcome> {
    if (this.#isResizing) this.#breach('asked to resize during another resize');
    this.#isResizing = true;
    const serving = this.#doing === 'invoke' ? this.#doing : null;
    this.#doing = null;
    try {
      const resizing = this.#resize(requestedMib, cpuMillis);
      this.#doing = serving ?? this.#doing;
      return await resizing;
    } finally {
      this.#isResizing = false;
    }
  }

  #resize(requestedMib: number, cpuMillis: number | null): Promise<ResizeOutcome> {
    return this.#alone('resize', async () => {
      checkSize(this.#host.geometry, requestedMib);
      const before = this.#size.pluggedMib;
      const wanted = pluggedFor(requestedMib);
      const stoppedAt = await this.#reach(requestedMib);
      const pluggedMib = stoppedAt ?? wanted;
      this.#size = { pluggedMib, limitMib: requestedMib };
      this.#cpuMillis = cpuMillisFor(requestedMib, cpuMillis, vcpus);
      const mechanism = wanted === before ? 'none' : 'virtio-mem';
      return {
        size: this.#size,
        report: reportOf(mechanism, stoppedAt === undefined),
      };
    });
  }

  deflate(): Promise<ResizeOutcome> {
    return this.#alone('deflate', async () => {
      const heldMib = await this.#host.behaviour.deflate(this);
      this.#throwIfLost();
      if (heldMib >= this.#size.limitMib) {
        throw new BallastError('MEMORY_HELD', `${this.instanceId} holds all it has.`);
      }
      this.#size = { pluggedMib: pluggedFor(heldMib), limitMib: heldMib };
      return { size: this.#size, report: reportOf('virtio-mem', true) };
    });
  }

  setStorage(storageMib: number): Promise<{ usedMib: number }> {
    return this.#alone('set the storage', async () => {
      const usedMib = this.filesMib;
      if (usedMib > storageMib) {
        const details = { storageMib: this.#storageMib, usedMib };
        throw new BallastError('STORAGE_HELD', `/tmp holds ${usedMib} MiB.`, { details });
      }
      this.#storageMib = storageMib;
      return { usedMib };
    });
  }

  async startRuntime(requestedMib: number, cpuMillis: number | null = null): Promise<RuntimeStart> {
    if (this.#runtimeUp) return { failure: null, initMs: 0, isRestored: false };
    return this.#alone('start', async () => {
      this.starts += 1;
      const failure = await this.#host.behaviour.start(this);
      this.#throwIfLost();
      this.#size = { ...this.#size, limitMib: requestedMib };
      this.#cpuMillis = cpuMillisFor(requestedMib, cpuMillis, vcpus);
      this.#runtimeUp = failure === null;
      return { failure, initMs: 7, isRestored: false };
    });
  }

  async invoke(request: InvocationRequest): Promise<Ending> {
    this.#isServing = true;
    try {
      return await this.#invoke(request);
    } finally {
      this.#isServing = false;
    }
  }

  #invoke(request: InvocationRequest): Promise<Ending> {
    // Once it runs, the VM may be resized beneath it; what it was asked for holds at its beginning.
    this.#checkServes(request);
    return this.#alone('invoke', async () => {
      const end = await this.#host.behaviour.invoke(this, request);
      this.#throwIfLost();
      this.#runtimeUp = end.failure === null || survivable.includes(end.failure.kind);
      return end;
    });
  }

  #checkServes({ fn, requestedMib, storageMib, cpuMillis }: InvocationRequest): void {
    const { pluggedMib, limitMib } = this.#size;
    if (fn.revisionId !== this.fn.revisionId) this.#breach('serves another revision');
    if (fn.functionName !== this.fn.functionName) this.#breach('serves another function');
    if (limitMib !== requestedMib) this.#breach(`has a limit of ${limitMib} MiB`);
    if (pluggedMib < requestedMib) this.#breach(`has only ${pluggedMib} MiB`);
    if (this.#storageMib !== storageMib) this.#breach(`has ${this.#storageMib} MiB of storage`);
    if (this.#cpuMillis !== cpuMillisFor(requestedMib, cpuMillis, vcpus)) {
      this.#breach(`has ${this.#cpuMillis} thousandths of a vCPU`);
    }
    if (!this.#runtimeUp) this.#breach('has no runtime');
  }

  /** Has the guest resize; after a failure that tells where it stands, it stands there. */
  async #reach(requestedMib: number): Promise<number | undefined> {
    try {
      const stoppedAt = await this.#host.behaviour.resize(this, requestedMib);
      this.#throwIfLost();
      return stoppedAt;
    } catch (error) {
      const pluggedMib = error instanceof BallastError ? error.details?.pluggedMib : undefined;
      if (typeof pluggedMib === 'number') this.#size = { ...this.#size, pluggedMib };
      throw error;
    }
  }

  /** Does one thing at a time, as long as there is a VM to do it. */
  async #alone<T>(what: string, task: () => Promise<T>): Promise<T> {
    if (this.#doing !== null) this.#breach(`asked to ${what} during '${this.#doing}'`);
    if (this.#state !== 'busy' && this.#state !== 'evicting') {
      this.#breach(`asked to ${what} in state '${this.#state}'`);
    }
    this.#doing = what;
    const work = this.#host.pause(`${what} ${this.instanceId}`).then(() => {
      this.#throwIfLost();
      return task();
    });
    try {
      return await Promise.race([this.#ended, work]);
    } finally {
      if (this.#doing === what) this.#doing = null;
    }
  }

  #lose(reason: Error): void {
    this.#lostFor ??= reason;
    this.#end(this.#lostFor);
  }

  #throwIfLost(): void {
    if (this.#lostFor !== null) throw this.#lostFor;
  }

  #breach(what: string): void {
    this.#host.breach(`${this.instanceId} ${what}`);
  }
}
