/** A pool without VMs, true to the contract, whose guests do what a test tells them. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Geometry } from '../../src/memory/geometry.js';
import { checkSize } from '../../src/memory/plan.js';
import { BallastError } from '../../src/model/errors.js';
import type { FunctionRecord } from '../../src/model/function.js';
import type { InstancePool } from '../../src/pool/contract.js';
import { ending, type FakeHost, FakeInstance, type GuestBehaviour } from './fakeInstance.js';

/** What a process holds that nobody said anything else of. */
export const heldMib = 20;

const obliging: GuestBehaviour = {
  boot: async () => {},
  resize: async () => undefined,
  deflate: async () => heldMib,
  start: async () => null,
  invoke: async () => ending(),
  destroy: async () => {},
};

export class FakePool implements InstancePool {
  /** Where whoever uses the pool broke its contract. */
  readonly breaches: string[] = [];
  /** Instances in the order in which they were booted, those that have gone too. */
  readonly booted: FakeInstance[] = [];
  /** What the guests do; a test replaces what it is about. */
  readonly behaviour: GuestBehaviour = { ...obliging };
  /** Nothing is kept ready where there are no VMs. */
  readonly comingMib = 0;
  onLost: (instanceId: string, reason: Error) => void = () => {};
  readonly #host: FakeHost;
  readonly #instances = new Map<string, FakeInstance>();
  readonly #destructions = new Map<string, Promise<void>>();
  #closing = false;

  constructor(geometry: Geometry, pause?: (what: string) => Promise<void>) {
    this.#host = {
      geometry,
      behaviour: this.behaviour,
      pause: pause ?? (() => nextTurn()),
      breach: (what) => this.breaches.push(what),
      lost: (instanceId, reason) => this.onLost(instanceId, reason),
    };
  }

  get isClosing(): boolean {
    return this.#closing;
  }

  readonly hostCap = { isSet: false, reason: 'a fake has none' };

  checkSize(requestedMib: number): void {
    checkSize(this.#host.geometry, requestedMib);
  }

  get(instanceId: string): FakeInstance | undefined {
    return this.#instances.get(instanceId);
  }

  all(): FakeInstance[] {
    return [...this.#instances.values()];
  }

  yieldMib(): void {}

  forget(): void {}

  keepShells(): void {}

  async start(instanceId: string, fn: FunctionRecord, requestedMib: number): Promise<FakeInstance> {
    await this.#host.pause(`boot ${instanceId}`);
    await this.behaviour.boot(instanceId, requestedMib);
    if (this.#closing) throw new BallastError('SHUTTING_DOWN', 'The service is stopping.');
    const instance = new FakeInstance(this.#host, instanceId, fn, requestedMib);
    this.#instances.set(instanceId, instance);
    this.booted.push(instance);
    return instance;
  }

  destroy(instanceId: string): Promise<void> {
    const running = this.#destructions.get(instanceId);
    if (running !== undefined) return running;
    const instance = this.#instances.get(instanceId);
    if (instance === undefined) return Promise.resolve();
    const destruction = this.#destroy(instance).finally(() => {
      this.#destructions.delete(instanceId);
    });
    this.#destructions.set(instanceId, destruction);
    return destruction;
  }

  async close(): Promise<void> {
    this.#closing = true;
    const endings = this.all().map(({ instanceId }) => this.destroy(instanceId));
    const failures = (await Promise.allSettled(endings)).filter((one) => one.status === 'rejected');
    if (failures.length > 0) throw new AggregateError(failures, 'VMs could not be ended.');
  }

  async #destroy(instance: FakeInstance): Promise<void> {
    instance.markEvicting(this.#closing ? 'SHUTTING_DOWN' : 'INSTANCE_LOST');
    await this.#host.pause(`destroy ${instance.instanceId}`);
    await this.behaviour.destroy(instance.instanceId);
    this.#instances.delete(instance.instanceId);
  }
}
