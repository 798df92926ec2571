/**
 * All the VMs of this service: boots them, knows them, ends them. Which ones is the scheduler's
 * choice.
 */
import { chmod, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { type Connection, type Domain, LibvirtError } from '../../lib/index.js';
import { checkSize } from '../memory/plan.js';
import { BallastError } from '../model/errors.js';
import type { FunctionRecord } from '../model/function.js';
import type { SnapshotService, TemplateService } from '../model/service.js';
import type { TemplateView } from '../model/template.js';
import type { Accounts } from './accounts.js';
import { type BootOrder, type BootRules, bootInstance } from './boot.js';
import type { InstancePool } from './contract.js';
import { destroyDomain } from './destroy.js';
import { ownerOf } from './domainView.js';
import type { HostCapView } from './hostCap.js';
import { Instance, type InstanceParts, type InstanceRules } from './instance.js';
import { Link } from './link.js';
import type { Starter } from './starter.js';
import { openStarter, type TemplateRules } from './templating.js';

/** How long a start waits for a connection to libvirt that was lost. */
const reconnectMs = 15_000;

export interface PoolOptions {
  readonly boot: BootRules;
  readonly rules: InstanceRules;
  /** How instances begin by templates; null where they are booted. */
  readonly templates: TemplateRules | null;
  /** What shells are charged to. */
  readonly accounts: Accounts;
  /** Opens the connection anew when it was lost; null where it cannot be lost. */
  readonly reopen: (() => Promise<Connection>) | null;
  readonly logger: Logger;
}

export class Pool implements InstancePool, TemplateService, SnapshotService {
  readonly #options: PoolOptions;
  /** The rules of boots, with the connection that there is. */
  readonly #boot: BootRules;
  readonly #instances = new Map<string, Instance>();
  /** VMs that failed to boot and could not be ended: tried again as opportunity offers. */
  readonly #strays = new Set<Domain>();
  /** Instances whose VM ended while libvirt could not be reached. */
  readonly #ended = new Set<string>();
  readonly #destructions = new Map<string, Promise<void>>();
  readonly #closing = new AbortController();
  #starter: Starter | null = null;
  /** Called when an instance cannot be used any more. Set once, by whoever wires the rooms. */
  onLost: (instanceId: string, reason: Error) => void = () => {};

  #link: Link | null = null;

  private constructor(options: PoolOptions) {
    this.#options = options;
    const connection = () => this.#link?.connection ?? options.boot.connection;
    this.#boot = {
      ...options.boot,
      get connection() {
        return connection();
      },
    };
  }

  /** Opens the pool. VMs that a killed service left behind are destroyed first. */
  static async open(options: PoolOptions): Promise<Pool> {
    const pool = new Pool(options);
    pool.#link = await Link.open({
      connection: options.boot.connection,
      reopen: options.reopen,
      onReopened: (connection) => pool.#rebind(connection),
      logger: options.logger,
    });
    await pool.#destroyLeftovers();
    if (options.templates !== null) {
      const { rules, templates, accounts, logger } = options;
      const boot = pool.#boot;
      const { signal } = pool.#closing;
      const onStray = (domain: Domain) => pool.#strays.add(domain);
      pool.#starter = await openStarter({
        boot,
        rules,
        templates,
        accounts,
        logger,
        signal,
        onStray,
      });
    }
    return pool;
  }

  checkSize(requestedMib: number): void {
    checkSize(this.#options.rules.geometry, requestedMib);
  }

  get hostCap(): HostCapView {
    return this.#options.rules.hostCap.view;
  }

  get(instanceId: string): Instance | undefined {
    return this.#instances.get(instanceId);
  }

  all(): Instance[] {
    return [...this.#instances.values()];
  }

  /** What the templates are at; none where instances are booted. */
  templates(): readonly TemplateView[] {
    return this.#starter?.views() ?? [];
  }

  /** Has a runtime's template made in the background. */
  prepareTemplate(runtime: string): void {
    this.#starter?.templates.prepare({ kind: 'runtime', runtime });
  }

  /** @throws BallastError TEMPLATE_FAILED, NOT_IMPLEMENTED where there are no templates */
  async buildTemplate(runtime: string): Promise<void> {
    if (this.#starter === null) {
      const message = 'Instances are booted on this host, so there are no templates to build.';
      throw new BallastError('NOT_IMPLEMENTED', `${message} GET /v1/host says why.`);
    }
    await this.#starter.templates.ensure({ kind: 'runtime', runtime });
  }

  /**
   * Has the snapshot of a version made. Where that fails through no fault of the version, its
   * instances begin without, and it is tried again when one is needed.
   */
  async request(fn: FunctionRecord): Promise<void> {
    const { logger } = this.#options;
    await this.#starter?.templates.ensure({ kind: 'function', fn }).catch((error: unknown) => {
      if (!(error instanceof BallastError) || error.code !== 'TEMPLATE_FAILED') throw error;
      const { functionName, version } = fn;
      logger.warn({ functionName, version, err: error }, 'a version has no snapshot yet');
    });
  }

  forget(functionName: string, version: string | null): void {
    const forgotten = this.#starter?.templates.forget(functionName, version);
    forgotten?.catch((error: unknown) => {
      this.#options.logger.warn({ functionName, err: error }, 'a snapshot could not be removed');
    });
  }

  /** What the shells that are being ended will free. */
  get comingMib(): number {
    return this.#starter?.rack.endingMib ?? 0;
  }

  /** Ends shells that are kept ready, for so much of the budget. */
  yieldMib(mib: number): void {
    this.#starter?.rack.yieldMib(mib);
  }

  /** Keeps so many shells ready for a runtime from now on. */
  keepShells(runtime: string, wanted: number): void {
    this.#starter?.keepShells(runtime, wanted);
  }

  async start(instanceId: string, fn: FunctionRecord, requestedMib: number): Promise<Instance> {
    const { signal } = this.#closing;
    signal.throwIfAborted();
    await this.#link?.ready(reconnectMs);
    const { rules, logger } = this.#options;
    const started = performance.now();
    let instance: Instance | null = null;
    const handlers = {
      onExit: () => instance?.runtimeEnded(),
      onEnd: (error: Error) => {
        if (instance !== null && instance.state !== 'evicting') this.onLost(instanceId, error);
      },
    };
    const onStray = (domain: Domain) => this.#strays.add(domain);
    const order = { instanceId, fn, requestedMib, handlers, onStray, signal };
    instance = new Instance(await this.#begin(order), rules);
    this.#instances.set(instanceId, instance);
    await rules.hostCap.set(instance.domain, instance.size.pluggedMib);
    if (signal.aborted) {
      // `close` did not see it.
      await this.destroy(instanceId);
      signal.throwIfAborted();
    }
    const startMs = Math.round(performance.now() - started);
    const { functionName } = fn;
    const { start } = instance;
    logger.info({ instanceId, functionName, requestedMib, start, startMs }, 'instance started');
    return instance;
  }

  #begin(order: BootOrder): Promise<InstanceParts> {
    return this.#starter?.start(order) ?? bootInstance(this.#boot, order);
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
    const endings = this.all().map(({ instanceId }) => this.destroy(instanceId));
    endings.push(this.#starter?.close() ?? Promise.resolve());
    endings.push(...[...this.#strays].map((domain) => this.#endStray(domain)));
    const failures = (await Promise.allSettled(endings)).flatMap((ending) =>
      ending.status === 'rejected' ? [ending.reason] : [],
    );
    if (failures.length === 0) {
      await this.#link?.close();
      return;
    }
    throw new AggregateError(failures, `${failures.length} VMs could not be ended.`);
  }

  async #destroy(instance: Instance): Promise<void> {
    const { instanceId } = instance;
    instance.markEvicting();
    const { aborted, reason } = this.#closing.signal;
    const message = `The instance ${instanceId} was evicted.`;
    instance.disconnect(aborted ? reason : new BallastError('INSTANCE_LOST', message));
    await this.#link?.ready(reconnectMs);
    await destroyDomain(() => (this.#ended.has(instanceId) ? null : instance.domain));
    await rm(instance.dir, { recursive: true, force: true });
    this.#instances.delete(instanceId);
    this.#ended.delete(instanceId);
    this.#options.logger.info({ instanceId }, 'instance destroyed');
    for (const domain of this.#strays) this.#endStray(domain).catch(() => {});
  }

  async #endStray(domain: Domain): Promise<void> {
    await destroyDomain(() => domain);
    this.#strays.delete(domain);
  }

  /** Finds every VM again. Those that ended meanwhile are lost. */
  async #rebind(connection: Connection): Promise<void> {
    for (const stray of this.#strays) {
      this.#strays.delete(stray);
      const found = await find(connection, stray.uuid);
      if (found === null) continue;
      this.#strays.add(found);
      this.#endStray(found).catch(() => {});
    }
    await this.#starter?.rack.rebind((uuid) => find(connection, uuid));
    for (const instance of this.all()) {
      const found = await find(connection, instance.domain.uuid);
      if (found !== null) {
        instance.rebind(found);
        continue;
      }
      this.#ended.add(instance.instanceId);
      if (instance.state !== 'evicting') this.onLost(instance.instanceId, hasGone(instance));
    }
  }

  async #destroyLeftovers(): Promise<void> {
    const { connection, ownerId, instancesDir } = this.#options.boot;
    for (const domain of await connection.listDomains()) {
      if (domain.name.startsWith('ballast-') && ownerOf(await domain.xml()) === ownerId) {
        this.#options.logger.warn(
          { domain: domain.name },
          'destroying a VM left by a killed service',
        );
        await destroyDomain(() => domain);
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

/** The domain, or null where there is none. */
async function find(connection: Connection, uuid: string): Promise<Domain | null> {
  try {
    return await connection.lookupByUuid(uuid);
  } catch (error) {
    if (error instanceof LibvirtError && error.code === 'NO_DOMAIN') return null;
    throw error;
  }
}

function hasGone({ instanceId }: Instance): BallastError {
  const message = `The VM of ${instanceId} ended while libvirt could not be reached.`;
  return new BallastError('INSTANCE_LOST', message);
}
