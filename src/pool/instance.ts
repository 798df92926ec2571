/**
 * One VM and the one function revision that it serves. All its transitions are here; whoever holds
 * it asks for one thing at a time.
 */

import type { Domain } from '../../lib/index.js';
import type { AgentClient } from '../agent/client.js';
import type { GuestLimits, StartReply } from '../agent/messages.js';
import { limitsFor } from '../memory/cpu.js';
import type { Geometry } from '../memory/geometry.js';
import { planResize, type Size } from '../memory/plan.js';
import { type ResizeOutcome, resize } from '../memory/resize.js';
import type { VirtioMem } from '../memory/virtioMem.js';
import { BallastError } from '../model/errors.js';
import type { FunctionRecord } from '../model/function.js';
import { type FunctionIdentity, functionArn } from '../model/identity.js';
import type { InstanceState } from '../model/instance.js';
import type { InvocationRequest } from '../model/invocation.js';
import type { PooledInstance, RuntimeStart } from './contract.js';
import { type Ending, endingOf, startFailure } from './ending.js';
import { functionEnvironment } from './environment.js';
import { findQemuPid, residentMib } from './resident.js';

export interface InstanceParts {
  readonly instanceId: string;
  readonly fn: FunctionRecord;
  readonly domain: Domain;
  readonly agent: AgentClient;
  readonly elastic: VirtioMem;
  readonly pluggedMib: number;
}

export interface InstanceRules {
  readonly geometry: Geometry;
  readonly vcpus: number;
  readonly identity: FunctionIdentity;
  /** How long a guest may take to plug or unplug. */
  readonly settleMs: number;
  /** How long a runtime may initialise before its first invocation takes the time upon itself. */
  readonly initTimeoutMs: number;
}

export class Instance implements PooledInstance {
  readonly instanceId: string;
  readonly fn: FunctionRecord;
  readonly domain: Domain;
  readonly #agent: AgentClient;
  readonly #elastic: VirtioMem;
  readonly #rules: InstanceRules;
  #state: InstanceState = 'starting';
  #size: Size;
  #idleSinceMs = performance.now();
  #runtimeUp = false;
  #qemuPid: number | null = null;

  constructor(parts: InstanceParts, rules: InstanceRules) {
    this.instanceId = parts.instanceId;
    this.fn = parts.fn;
    this.domain = parts.domain;
    this.#agent = parts.agent;
    this.#elastic = parts.elastic;
    this.#size = { pluggedMib: parts.pluggedMib, limitMib: 0 };
    this.#rules = rules;
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
    this.#qemuPid ??= await findQemuPid(this.domain.uuid);
    return this.#qemuPid === null ? null : residentMib(this.#qemuPid);
  }

  begin(): void {
    if (this.#state === 'starting') this.#state = 'busy';
  }

  occupy(): void {
    if (this.#state !== 'hot') throw this.#unfit('is not idle');
    this.#state = 'busy';
  }

  vacate(): void {
    if (this.#state === 'evicting') return;
    this.#state = 'hot';
    this.#idleSinceMs = performance.now();
  }

  markEvicting(): void {
    this.#state = 'evicting';
  }

  /** The runtime ended by itself, so that the next invocation has to start it. */
  runtimeEnded(): void {
    this.#runtimeUp = false;
  }

  async resize(requestedMib: number): Promise<ResizeOutcome> {
    const steps = planResize(this.#rules.geometry, this.#size, requestedMib);
    try {
      const outcome = await resize(
        {
          agent: this.#agent,
          elastic: this.#elastic,
          limitsFor: (mib) => this.#limits(mib),
          settleMs: this.#rules.settleMs,
        },
        this.#size,
        steps,
      );
      this.#size = outcome.size;
      return outcome;
    } catch (error) {
      this.#size = await this.#sizeAfter(error);
      throw error;
    }
  }

  async startRuntime(requestedMib: number): Promise<RuntimeStart> {
    if (this.#runtimeUp) return { failure: null, initMs: 0 };
    const started = performance.now();
    let answer = await this.#start(requestedMib, this.#rules.initTimeoutMs);
    if (answer.head.outcome === 'timeout') {
      // As Lambda has it: an initialisation that took too long may go on for the function's
      // timeout.
      answer = await this.#start(requestedMib, this.fn.timeoutSeconds * 1000);
    }
    this.#runtimeUp = answer.head.outcome === 'ready';
    this.#size = { ...this.#size, limitMib: requestedMib };
    const initMs = performance.now() - started;
    return { failure: this.#runtimeUp ? null : startFailure(answer), initMs };
  }

  async invoke(request: InvocationRequest): Promise<Ending> {
    const timeoutMs = this.fn.timeoutSeconds * 1000;
    const nowMs = Date.now();
    let timedOut = false;
    const running = this.#agent.invoke(
      {
        requestId: request.requestId,
        nowMs,
        deadlineMs: nowMs + timeoutMs,
        functionArn: functionArn(this.#rules.identity, this.fn.functionName),
        ...(request.clientContext === undefined ? {} : { clientContext: request.clientContext }),
      },
      request.payload,
      timeoutMs,
    );
    const timer = setTimeout(() => {
      timedOut = true;
      // What `stop` cannot reach, `invoke` fails to answer, which the caller sees.
      this.#agent.stop().catch(() => {});
    }, timeoutMs);
    try {
      const answer = await running;
      this.#runtimeUp = ['response', 'error', 'too-large'].includes(answer.head.outcome);
      return endingOf(answer, { timedOut, timeoutMs });
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends the channel, and with it whatever waits for the guest. */
  disconnect(reason: BallastError): void {
    this.#agent.close(reason);
  }

  #start(requestedMib: number, timeoutMs: number): Promise<{ head: StartReply; body: Uint8Array }> {
    const { identity } = this.#rules;
    return this.#agent.start({
      runtime: this.fn.runtime,
      handler: this.fn.handler,
      environment: functionEnvironment(identity, this.fn, this.instanceId, requestedMib),
      limits: this.#limits(requestedMib),
      timeoutMs,
      nowMs: Date.now(),
    });
  }

  #limits(requestedMib: number): GuestLimits {
    return limitsFor(requestedMib, this.#rules.vcpus);
  }

  /** After a failed resize, the truth about what is plugged is QEMU's. */
  async #sizeAfter(error: unknown): Promise<Size> {
    const limitMib = error instanceof BallastError ? error.details?.limitMib : undefined;
    const pluggedMib = await this.#elastic.pluggedMib().catch(() => this.#size.pluggedMib);
    return { pluggedMib, limitMib: typeof limitMib === 'number' ? limitMib : this.#size.limitMib };
  }

  #unfit(what: string): BallastError {
    return new BallastError('INSTANCE_BUSY', `The instance ${this.instanceId} ${what}.`);
  }
}
