/**
 * One VM and the one function revision that it serves. All its transitions are here; whoever holds
 * it asks for one thing at a time.
 */

import { type Domain, LibvirtError, QmpError } from '../../lib/index.js';
import { AgentFailure } from '../agent/channel.js';
import type { AgentClient, Answer } from '../agent/client.js';
import type { GuestLimits, GuestMemory, StartReply } from '../agent/messages.js';
import { cpuMillisFor, limitsFor } from '../memory/cpu.js';
import type { Elastic } from '../memory/elastic.js';
import { type Geometry, pluggedFor } from '../memory/geometry.js';
import { planResize, type Size, type Step } from '../memory/plan.js';
import { type LimitSetter, type ResizeOutcome, resize } from '../memory/resize.js';
import { isOver, type Transaction } from '../memory/transaction.js';
import { BallastError } from '../model/errors.js';
import type { FunctionRecord } from '../model/function.js';
import { type FunctionIdentity, functionArn } from '../model/identity.js';
import type { InstanceState } from '../model/instance.js';
import type { InvocationRequest } from '../model/invocation.js';
import type { Observer } from '../model/observer.js';
import type { PooledInstance, RuntimeStart } from './contract.js';
import { type Ending, endingOf, startFailure } from './ending.js';
import { functionEnvironment } from './environment.js';
import type { HostCap } from './hostCap.js';
import { findQemuPid, type ResidentMemory, readResident } from './resident.js';
import { diskMib, scratchPathIn } from './scratch.js';
import type { StartMethod } from './startMethod.js';
import { storageRefusal } from './storageRefusal.js';

/** No runtime holds less. */
const leastMib = 8;
const bytesPerMib = 1024 * 1024;

export interface InstanceParts {
  readonly instanceId: string;
  readonly fn: FunctionRecord;
  readonly domain: Domain;
  readonly agent: AgentClient;
  readonly elastic: Elastic;
  readonly pluggedMib: number;
  /** Where its files lie. */
  readonly dir: string;
  readonly start: StartMethod;
  /** Whether its function had initialised before it was cloned, and waits to be restored. */
  readonly isInitialised: boolean;
}

export interface InstanceRules {
  readonly geometry: Geometry;
  readonly vcpus: number;
  readonly identity: FunctionIdentity;
  /** How long a guest may take to plug or unplug. */
  readonly settleMs: number;
  /** How long a runtime may initialise before its first invocation takes the time upon itself. */
  readonly initTimeoutMs: number;
  readonly observer: Observer;
  readonly hostCap: HostCap;
}

/** Outcomes of an invocation that leave the runtime ready for the next. */
const outlived: readonly string[] = ['response', 'error', 'too-large'];

export class Instance implements PooledInstance {
  readonly instanceId: string;
  readonly fn: FunctionRecord;
  #domain: Domain;
  readonly dir: string;
  readonly start: StartMethod;
  #isInitialised: boolean;
  readonly #agent: AgentClient;
  readonly #elastic: Elastic;
  readonly #rules: InstanceRules;
  #state: InstanceState = 'starting';
  #size: Size;
  #cpuMillis = 0;
  #storageMib: number;
  /** The guest mounts its scratch disk when its runtime is first started. */
  #hasStorage = false;
  #idleSinceMs = performance.now();
  #runtimeUp = false;
  /** How often the runtime ended by itself. */
  #exits = 0;
  #qemuPid: number | null = null;
  #transaction: Transaction | null = null;
  #isResizing = false;
  #isServing = false;

  constructor(parts: InstanceParts, rules: InstanceRules) {
    this.instanceId = parts.instanceId;
    this.fn = parts.fn;
    this.#domain = parts.domain;
    this.#agent = parts.agent;
    this.#elastic = parts.elastic;
    this.#size = { pluggedMib: parts.pluggedMib, limitMib: 0 };
    this.#rules = rules;
    this.dir = parts.dir;
    this.start = parts.start;
    this.#isInitialised = parts.isInitialised;
    this.#storageMib = parts.fn.ephemeralMib;
  }

  get domain(): Domain {
    return this.#domain;
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

  get transaction(): Transaction | null {
    return this.#transaction;
  }

  get isServing(): boolean {
    return this.#isServing;
  }

  async resident(): Promise<ResidentMemory | null> {
    this.#qemuPid ??= await findQemuPid(this.domain.uuid);
    return this.#qemuPid === null ? null : readResident(this.#qemuPid);
  }

  diskMib(): Promise<number | null> {
    return diskMib(scratchPathIn(this.dir));
  }

  /** Goes on with its domain by another connection to libvirt. */
  rebind(domain: Domain): void {
    this.#domain = domain;
    this.#elastic.rebind(domain);
  }

  begin(): void {
    if (this.#state === 'starting') this.#state = 'busy';
  }

  occupy(): void {
    if (this.#state !== 'hot' && this.#state !== 'deflated') throw this.#unfit('is not idle');
    this.#state = 'busy';
  }

  vacate(as: 'hot' | 'deflated'): void {
    if (this.#state === 'evicting') return;
    this.#state = as;
    if (as === 'hot') this.#idleSinceMs = performance.now();
  }

  markEvicting(): void {
    this.#state = 'evicting';
  }

  /** The runtime ended by itself, so that the next invocation has to start it. */
  runtimeEnded(): void {
    this.#runtimeUp = false;
    this.#exits += 1;
  }

  async resize(requestedMib: number, askedCpuMillis: number | null = null): Promise<ResizeOutcome> {
    if (this.#isResizing) throw this.#unfit('is being resized');
    this.#isResizing = true;
    try {
      return await this.#resize(requestedMib, this.#cpuMillisFor(requestedMib, askedCpuMillis));
    } catch (error) {
      throw error instanceof LibvirtError || error instanceof QmpError ? this.#lost(error) : error;
    } finally {
      this.#isResizing = false;
    }
  }

  async deflate(): Promise<ResizeOutcome> {
    try {
      return await this.resize(leastMib);
    } catch (error) {
      // Asked for more than it can give, the guest has freed what it could, and says what is left.
      const heldMib = error instanceof BallastError ? error.details?.heldMib : undefined;
      if (typeof heldMib !== 'number' || heldMib >= this.#size.limitMib) throw error;
      return await this.resize(heldMib);
    }
  }

  async setStorage(storageMib: number): Promise<{ usedMib: number }> {
    let usedMib = 0;
    if (this.#hasStorage) {
      try {
        const { usedBytes } = await this.#agent.setStorage(storageMib * bytesPerMib);
        usedMib = Math.ceil(usedBytes / bytesPerMib);
      } catch (error) {
        throw storageRefusal(error, { fromMib: this.#storageMib, storageMib });
      }
    }
    this.#storageMib = storageMib;
    return { usedMib };
  }

  async startRuntime(
    requestedMib: number,
    askedCpuMillis: number | null = null,
  ): Promise<RuntimeStart> {
    if (this.#runtimeUp) return { failure: null, initMs: 0, isRestored: false };
    const cpuMillis = this.#cpuMillisFor(requestedMib, askedCpuMillis);
    const guestLimits = limitsFor(requestedMib, cpuMillis);
    const started = performance.now();
    const exits = this.#exits;
    const isRestored = this.#isInitialised;
    this.#isInitialised = false;
    let answer = isRestored
      ? await this.#restore(guestLimits)
      : await this.#start(guestLimits, this.#rules.initTimeoutMs);
    if (!isRestored && answer.head.outcome === 'timeout') {
      // As Lambda has it: an initialisation that took too long may go on for the function's
      // timeout.
      answer = await this.#start(guestLimits, this.fn.timeoutSeconds * 1000);
    }
    this.#hasStorage = true;
    const isReady = answer.head.outcome === 'ready';
    this.#runtimeUp = isReady && this.#exits === exits;
    this.#size = { ...this.#size, limitMib: requestedMib };
    this.#cpuMillis = cpuMillis;
    const initMs = performance.now() - started;
    return { failure: isReady ? null : startFailure(answer), initMs, isRestored };
  }

  async invoke(request: InvocationRequest): Promise<Ending> {
    this.#isServing = true;
    try {
      return await this.#invokeOnce(request);
    } catch (error) {
      if (!(error instanceof AgentFailure) || error.code !== 'not-started') throw error;
      // The runtime died of the invocation before, and this one has not reached it.
      this.#runtimeUp = false;
      const { failure } = await this.startRuntime(this.#size.limitMib, this.#cpuMillis);
      return failure ?? (await this.#invokeOnce(request));
    } finally {
      this.#isServing = false;
    }
  }

  /** Tells of each resize that began what it came to. */
  async #resize(requestedMib: number, cpuMillis: number): Promise<ResizeOutcome> {
    const { observer, hostCap } = this.#rules;
    const { pluggedMib } = this.#size;
    const started = performance.now();
    const mostMib = Math.max(pluggedMib, pluggedFor(requestedMib));
    if (mostMib > pluggedMib) await hostCap.set(this.#domain, mostMib);
    try {
      const outcome = await this.#runSteps(requestedMib, cpuMillis);
      observer.resized(outcome.report);
      return outcome;
    } catch (error) {
      const ms = performance.now() - started;
      observer.resized({ mechanism: this.#elastic.mechanism, state: 'failed', ms });
      throw error;
    } finally {
      if (this.#size.pluggedMib < mostMib) await hostCap.set(this.#domain, this.#size.pluggedMib);
    }
  }

  #runSteps(requestedMib: number, cpuMillis: number): Promise<ResizeOutcome> {
    return resize(
      {
        agent: this.#limitSetter(cpuMillis),
        elastic: this.#elastic,
        limitsFor: (mib) => limitsFor(mib, cpuMillis),
        settleMs: this.#rules.settleMs,
        onProgress: (transaction) => this.#follow(transaction),
      },
      { requestedMib, from: this.#size, steps: this.#stepsTo(requestedMib, cpuMillis) },
    );
  }

  /** A resize that came to its end says at which size, whether it went well or not. */
  #follow(transaction: Transaction): void {
    this.#transaction = transaction;
    if (isOver(transaction)) this.#size = transaction.size;
  }

  async #invokeOnce(request: InvocationRequest): Promise<Ending> {
    const exits = this.#exits;
    const timeoutMs = this.fn.timeoutSeconds * 1000;
    const nowMs = Date.now();
    let stopping: Promise<unknown> | null = null;
    const running = this.#agent.invoke(
      {
        requestId: request.requestId,
        nowMs,
        deadlineMs: nowMs + timeoutMs,
        functionArn: functionArn(this.#rules.identity, this.fn.functionName, request.qualifier),
        ...(request.clientContext === undefined ? {} : { clientContext: request.clientContext }),
      },
      request.payload,
      timeoutMs,
    );
    const timer = setTimeout(() => {
      // What `stop` cannot reach, `invoke` fails to answer, which the caller sees.
      stopping = this.#agent.stop().catch(() => {});
    }, timeoutMs);
    try {
      const answer = await running;
      const timedOut = stopping !== null;
      // An answer that crossed the stop is good, but its runtime ends before the next use all the
      // same.
      await stopping;
      const hasExited = timedOut || this.#exits !== exits;
      this.#runtimeUp = !hasExited && outlived.includes(answer.head.outcome);
      return endingOf(answer, { timedOut, timeoutMs });
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends the channel, and with it whatever waits for the guest. */
  disconnect(reason: BallastError): void {
    this.#agent.close(reason);
  }

  #start(guestLimits: GuestLimits, timeoutMs: number): Promise<Answer<StartReply>> {
    const { identity } = this.#rules;
    const requestedMib = guestLimits.memoryBytes / bytesPerMib;
    return this.#agent.start({
      runtime: this.fn.runtime,
      handler: this.fn.handler,
      environment: functionEnvironment(identity, this.fn, this.instanceId, requestedMib),
      limits: guestLimits,
      storageBytes: this.#storageMib * bytesPerMib,
      timeoutMs,
      nowMs: Date.now(),
    });
  }

  /** Lets a function go on that had initialised before its machine was cloned. */
  async #restore(guestLimits: GuestLimits): Promise<Answer<StartReply>> {
    const { identity, initTimeoutMs } = this.#rules;
    if (this.#storageMib !== this.fn.ephemeralMib) {
      await this.#agent.setStorage(this.#storageMib * bytesPerMib);
    }
    const requestedMib = guestLimits.memoryBytes / bytesPerMib;
    return this.#agent.restore({
      environment: {
        ...functionEnvironment(identity, this.fn, this.instanceId, requestedMib),
        AWS_LAMBDA_INITIALIZATION_TYPE: 'snap-start',
      },
      limits: guestLimits,
      timeoutMs: initTimeoutMs,
      nowMs: Date.now(),
    });
  }

  #cpuMillisFor(requestedMib: number, askedCpuMillis: number | null): number {
    return cpuMillisFor(requestedMib, askedCpuMillis, this.#rules.vcpus);
  }

  /** The steps to a size. The limits carry the share: one that alone is new has them set again. */
  #stepsTo(requestedMib: number, cpuMillis: number): readonly Step[] {
    const { geometry } = this.#rules;
    const steps = planResize(geometry, this.#size, this.#elastic.askedMib, requestedMib);
    const setLimits = steps.some(({ kind }) => kind === 'claim' || kind === 'release');
    if (setLimits || cpuMillis === this.#cpuMillis) return steps;
    return [...steps, { kind: 'release', limitMib: requestedMib }];
  }

  /** The guest's half of a resize: what it has set is noted, whatever fails later. */
  #limitSetter(cpuMillis: number): LimitSetter {
    const noted = async (setting: Promise<GuestMemory>) => {
      const memory = await setting;
      this.#cpuMillis = cpuMillis;
      return memory;
    };
    return {
      claim: (guestLimits) => noted(this.#agent.claim(guestLimits)),
      release: (guestLimits) => noted(this.#agent.release(guestLimits)),
    };
  }

  /** Whatever the hypervisor fails at, nobody knows any more how the VM stands. */
  #lost(cause: Error): BallastError {
    const message =
      `The VM of ${this.instanceId} broke while it was resized: ${cause.message}. ` +
      'It serves nothing any more; the next invocation gets another.';
    return new BallastError('INSTANCE_LOST', message, { cause, details: { ...this.#size } });
  }

  #unfit(what: string): BallastError {
    return new BallastError('INSTANCE_BUSY', `The instance ${this.instanceId} ${what}.`);
  }
}
