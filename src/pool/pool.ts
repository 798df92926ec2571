/**
 * All the VMs of this service: boots them, knows them, ends them. Which ones is the scheduler's
 * choice.
 */
import { chmod, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { checkSize } from '../memory/plan.js';
import { BallastError } from '../model/errors.js';
import type { FunctionRecord } from '../model/function.js';
import { type BootRules, bootInstance, instanceDir } from './boot.js';
import type { InstancePool } from './contract.js';
import { destroyDomain } from './destroy.js';
import { ownerOf } from './domainView.js';
import { Instance, type InstanceRules } from './instance.js';
import { Semaphore } from './semaphore.js';

export interface PoolOptions {
  readonly boot: BootRules;
  readonly rules: InstanceRules;
  /** Boots that may run at a time: more would only slow each other down. */
  readonly maxBoots: number;
  readonly logger: Logger;
}

export class Pool implements InstancePool {
  readonly #options: PoolOptions;
  readonly #instances = new Map<string, Instance>();
  readonly #boots: Semaphore;
  readonly #destructions = new Map<string, Promise<void>>();
  readonly #closing = new AbortController();
  /** Called when an instance cannot be used any more. Set once, by whoever wires the rooms. */
  onLost: (instanceId: string, reason: Error) => void = () => {};

  private constructor(options: PoolOptions) {
    this.#options = options;
    this.#boots = new Semaphore(options.maxBoots);
  }

  /** Opens the pool. VMs that a killed service left behind are destroyed first. */
  static async open(options: PoolOptions): Promise<Pool> {
    const pool = new Pool(options);
    await pool.#destroyLeftovers();
    return pool;
  }

  checkSize(requestedMib: number): void {
    checkSize(this.#options.rules.geometry, requestedMib);
  }

  get(instanceId: string): Instance | undefined {
    return this.#instances.get(instanceId);
  }

  all(): Instance[] {
    return [...this.#instances.values()];
  }

  boot(instanceId: string, fn: FunctionRecord, requestedMib: number): Promise<Instance> {
    return this.#boots.run(async () => {
      this.#closing.signal.throwIfAborted();
      const started = performance.now();
      let instance: Instance | null = null;
      const handlers = {
        onExit: () => instance?.runtimeEnded(),
        onEnd: (error: Error) => {
          if (instance !== null && instance.state !== 'evicting') {
            this.onLost(instanceId, error);
          }
        },
      };
      const { signal } = this.#closing;
      const order = { instanceId, fn, requestedMib, handlers, signal };
      instance = new Instance(await bootInstance(this.#options.boot, order), this.#options.rules);
      this.#instances.set(instanceId, instance);
      const bootMs = Math.round(performance.now() - started);
      this.#options.logger.info(
        { instanceId, functionName: fn.functionName, requestedMib, bootMs },
        'instance booted',
      );
      return instance;
    });
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
    const message = 'The service is stopping. Try again when it runs.';
    this.#closing.abort(new BallastError('SHUTTING_DOWN', message));
    await Promise.all(this.all().map(({ instanceId }) => this.destroy(instanceId)));
  }

  async #destroy(instance: Instance): Promise<void> {
    const { instanceId } = instance;
    instance.markEvicting();
    const message = `The instance ${instanceId} was evicted.`;
    instance.disconnect(new BallastError('INSTANCE_LOST', message));
    await destroyDomain(instance.domain);
    const dir = instanceDir(this.#options.boot.instancesDir, instanceId);
    await rm(dir, { recursive: true, force: true });
    this.#instances.delete(instanceId);
    this.#options.logger.info({ instanceId }, 'instance destroyed');
  }

  async #destroyLeftovers(): Promise<void> {
    const { connection, ownerId, instancesDir } = this.#options.boot;
    for (const domain of await connection.listDomains()) {
      if (domain.name.startsWith('ballast-') && ownerOf(await domain.xml()) === ownerId) {
        this.#options.logger.warn(
          { domain: domain.name },
          'destroying a VM left by a killed service',
        );
        await destroyDomain(domain);
      } else {
        await domain.close();
      }
    }
    await mkdir(instancesDir, { recursive: true });
    await chmod(instancesDir, 0o711);
    for (const name of await readdir(instancesDir)) {
      await rm(join(instancesDir, name), { recursive: true, force: true });
    }
  }
}
