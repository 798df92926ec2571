/** An instance without a VM. It keeps the contract of the pool and watches that its user does. */

import { type Geometry, pluggedFor } from '../../src/memory/geometry.js';
import { checkSize, type Size } from '../../src/memory/plan.js';
import type { ResizeOutcome } from '../../src/memory/resize.js';
import { BallastError } from '../../src/model/errors.js';
import type { FunctionRecord } from '../../src/model/function.js';
import type { InstanceState } from '../../src/model/instance.js';
import type { FunctionFailure, InvocationRequest } from '../../src/model/invocation.js';
import type { PooledInstance, RuntimeStart } from '../../src/pool/contract.js';
import type { Ending } from '../../src/pool/ending.js';

/** What a guest does when it is asked; each may wait, and throw what the contract allows. */
export interface GuestBehaviour {
  boot(instanceId: string, requestedMib: number): Promise<void>;
  /** Tells what was plugged where an unplug stopped half-way; undefined where it went well. */
  resize(instance: FakeInstance, requestedMib: number): Promise<number | undefined>;
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

/** Failures after which the runtime still runs. */
const survivable = ['error', 'response-too-large'];

export function ending(failure: FunctionFailure | null = null, payload = '"done"'): Ending {
  return {
    failure,
    payload: failure === null ? Buffer.from(payload) : new Uint8Array(0),
    logTail: new Uint8Array(0),
    durationMs: 5,
    peakMib: 40,
  };
}

export class FakeInstance implements PooledInstance {
  readonly instanceId: string;
  readonly fn: FunctionRecord;
  /** How often its runtime was started. */
  starts = 0;
  readonly #host: FakeHost;
  readonly #ended: Promise<never>;
  #end: (reason: Error) => void = () => {};
  #lostFor: Error | null = null;
  #state: InstanceState = 'starting';
  #size: Size;
  #idleSinceMs = 0;
  #runtimeUp = false;
  #doing: string | null = null;

  constructor(host: FakeHost, instanceId: string, fn: FunctionRecord, requestedMib: number) {
    this.#host = host;
    this.instanceId = instanceId;
    this.fn = fn;
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

  get idleSinceMs(): number {
    return this.#idleSinceMs;
  }

  async residentMib(): Promise<number | null> {
    return this.#lostFor === null ? this.#size.pluggedMib : null;
  }

  begin(): void {
    if (this.#state === 'starting') this.#state = 'busy';
  }

  occupy(): void {
    if (this.#state !== 'hot') {
      throw new BallastError('INSTANCE_BUSY', `The instance ${this.instanceId} is not idle.`);
    }
    this.#state = 'busy';
  }

  vacate(): void {
    if (this.#doing !== null) this.#breach(`vacated during '${this.#doing}'`);
    if (this.#state === 'evicting') return;
    this.#state = 'hot';
    this.#idleSinceMs = performance.now();
  }

  /** The VM goes away, asked for by the pool. */
  markEvicting(): void {
    this.#state = 'evicting';
    this.#lose(new BallastError('INSTANCE_LOST', `The instance ${this.instanceId} was evicted.`));
  }

  /** The VM goes away by itself. */
  crash(): void {
    if (this.#lostFor !== null) return;
    const reason = new BallastError('INSTANCE_LOST', `The VM of ${this.instanceId} died.`);
    this.#lose(reason);
    if (this.#state !== 'evicting') this.#host.lost(this.instanceId, reason);
  }

  resize(requestedMib: number): Promise<ResizeOutcome> {
    return this.#alone('resize', async () => {
      checkSize(this.#host.geometry, requestedMib);
      const before = this.#size.pluggedMib;
      const wanted = pluggedFor(requestedMib);
      const stoppedAt = await this.#reach(requestedMib);
      const pluggedMib = stoppedAt ?? wanted;
      this.#size = { pluggedMib, limitMib: requestedMib };
      const mechanism = wanted === before ? 'none' : 'virtio-mem';
      return {
        size: this.#size,
        report: { mechanism, ms: 1, settled: stoppedAt === undefined },
      };
    });
  }

  async startRuntime(requestedMib: number): Promise<RuntimeStart> {
    if (this.#runtimeUp) return { failure: null, initMs: 0 };
    return this.#alone('start', async () => {
      this.starts += 1;
      const failure = await this.#host.behaviour.start(this);
      this.#throwIfLost();
      this.#size = { ...this.#size, limitMib: requestedMib };
      this.#runtimeUp = failure === null;
      return { failure, initMs: 7 };
    });
  }

  invoke(request: InvocationRequest): Promise<Ending> {
    return this.#alone('invoke', async () => {
      const { pluggedMib, limitMib } = this.#size;
      if (request.fn.revisionId !== this.fn.revisionId) this.#breach('serves another revision');
      if (request.fn.functionName !== this.fn.functionName) this.#breach('serves another function');
      if (limitMib !== request.requestedMib) this.#breach(`has a limit of ${limitMib} MiB`);
      if (pluggedMib < request.requestedMib) this.#breach(`has only ${pluggedMib} MiB`);
      if (!this.#runtimeUp) this.#breach('has no runtime');
      const end = await this.#host.behaviour.invoke(this, request);
      this.#throwIfLost();
      this.#runtimeUp = end.failure === null || survivable.includes(end.failure.kind);
      return end;
    });
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
      this.#doing = null;
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
