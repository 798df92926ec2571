/** Real VMs without a service: a pool, in a directory that goes with the benchmark. */
import { readFile, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import type { Connection } from '../lib/index.js';
import { openHypervisor } from '../src/hypervisor.js';
import { vcpusFor } from '../src/memory/cpu.js';
import type { Mechanism } from '../src/memory/elastic.js';
import { blockMib, floorFor } from '../src/memory/geometry.js';
import type { FunctionRecord } from '../src/model/function.js';
import type { InvocationRequest } from '../src/model/invocation.js';
import { policyFor } from '../src/policy.js';
import { chooseAccelerator, readAcceleratorFacts } from '../src/pool/accelerator.js';
import { type ChargeRules, geometryFor } from '../src/pool/charge.js';
import { embedUriOf } from '../src/pool/embedRoot.js';
import { installGuestImage } from '../src/pool/guestImage.js';
import type { Instance } from '../src/pool/instance.js';
import type { Pool } from '../src/pool/pool.js';
import { makeBlankScratch } from '../src/pool/scratch.js';
import { openStateDirectory } from '../src/stateDirectory.js';
import { openStore, type Store } from '../src/store/index.js';
import { type TestEntry, zipOf } from '../test/src/store/zips.js';
import { makeStateDir } from '../test/support/serviceProcess.js';
import { openPool, type PoolWish } from './pool.js';

const budgetMib = 6144;
const timeoutSeconds = 120;

export interface DeployOptions {
  readonly ephemeralMib?: number;
  /** What the package has besides the code. */
  readonly beside?: readonly TestEntry[];
}

export class Ground {
  readonly accelerator: string;
  readonly versions: object;
  readonly connection: Connection;
  readonly pool: Pool;
  readonly charges: ChargeRules;
  /** A directory that QEMU's user can reach. */
  readonly openDir: string;
  readonly #openPool: (wish: PoolWish) => Promise<Pool>;
  readonly #pools: Pool[];
  #clones: Promise<Pool> | null = null;
  readonly #store: Store;
  readonly #runtimes: readonly string[];
  readonly #close: () => Promise<void>;
  #instances = 0;

  private constructor(parts: {
    readonly accelerator: string;
    readonly versions: object;
    readonly connection: Connection;
    readonly pool: Pool;
    readonly charges: ChargeRules;
    readonly openDir: string;
    readonly openPool: (wish: PoolWish) => Promise<Pool>;
    readonly store: Store;
    readonly runtimes: readonly string[];
    readonly close: () => Promise<void>;
  }) {
    this.accelerator = parts.accelerator;
    this.versions = parts.versions;
    this.connection = parts.connection;
    this.pool = parts.pool;
    this.charges = parts.charges;
    this.openDir = parts.openDir;
    this.#openPool = parts.openPool;
    this.#pools = [parts.pool];
    this.#store = parts.store;
    this.#runtimes = parts.runtimes;
    this.#close = parts.close;
  }

  /** @param uri Of libvirt; the embedded driver where none is given. */
  static async open(uri?: string): Promise<Ground> {
    const dir = await makeStateDir();
    const state = await openStateDirectory(dir);
    const { kind: accelerator } = chooseAccelerator('auto', await readAcceleratorFacts());
    const image = await installGuestImage(resolve('build/image'), state.imagesDir, accelerator);
    const libvirtUri = uri ?? embedUriOf(join(dir, 'libvirt'));
    const hypervisor = await openHypervisor(libvirtUri, dir);
    const { connection, libvirt, qemu } = hypervisor;
    const store = await openStore({ directory: dir });
    const poolGround = {
      dir,
      libvirtUri,
      budgetMib,
      accelerator,
      vcpus: vcpusFor(availableParallelism()),
      state,
      hypervisor,
      image,
    };
    await makeBlankScratch(state.blankScratchPath);
    const openNext = (wish: PoolWish) => openPool(poolGround, wish);
    const { overheadMib } = policyFor(accelerator, 'virtio-mem');
    const geometry = geometryFor(budgetMib, overheadMib, budgetMib);
    const ground = new Ground({
      accelerator,
      versions: { libvirt: libvirt.version, qemu: qemu.version, kernel: image.kernel },
      connection,
      pool: await openNext({ mechanism: 'virtio-mem', geometry, clones: false }),
      charges: { budgetMib, geometry, overheadMib, isProvisioned: false },
      openDir: join(dir, 'virtio-mem'),
      openPool: openNext,
      store,
      runtimes: image.runtimes,
      close: async () => {
        await store.close();
        await connection.close();
        await state.release();
        await rm(dir, { recursive: true, force: true });
      },
    });
    return ground;
  }

  async close(): Promise<void> {
    for (const pool of this.#pools) await pool.close();
    await this.#close();
  }

  /** A pool beside the first, of another mechanism and largest size. It closes with the ground. */
  async openPool(mechanism: Mechanism, maxMib: number): Promise<Pool> {
    const geometry = { floorMib: floorFor(maxMib), blockMib, maxMib };
    return this.#add({ mechanism, geometry, clones: false });
  }

  /** The same as the first, but that its instances start by clone where this host allows it. */
  clones(): Promise<Pool> {
    const { geometry } = this.charges;
    this.#clones ??= this.#add({ mechanism: 'virtio-mem', geometry, clones: true });
    return this.#clones;
  }

  async #add(wish: PoolWish): Promise<Pool> {
    const pool = await this.#openPool(wish);
    this.#pools.push(pool);
    return pool;
  }

  /** Creates a function of one file. */
  async deploy(
    path: string,
    language: string,
    handler: string,
    { ephemeralMib = 512, beside = [] }: DeployOptions = {},
  ): Promise<FunctionRecord> {
    const runtime = this.#runtimes.find((name) => name.startsWith(language));
    if (runtime === undefined) throw new Error(`the image has no runtime of ${language}`);
    const name = path.replace(/^.*\//, '');
    const code = { name, bytes: await readFile(path), mode: 0o100755 };
    const zip = await zipOf([code, ...beside]);
    const settings = {
      functionName: `${language}-${name.replace(/\..*$/, '')}-${beside.length + 1}`,
      runtime,
      handler,
      role: '',
      description: '',
      memoryMib: 128,
      ephemeralMib,
      timeoutSeconds,
      environment: {},
      snapStart: 'None',
    } as const;
    return this.#store.create(settings, zip);
  }

  /** A new VM whose runtime has initialised, in use. */
  async boot(fn: FunctionRecord, requestedMib: number, pool = this.pool): Promise<Instance> {
    const instance = await this.bootBare(fn, requestedMib, pool);
    await instance.startRuntime(requestedMib);
    return instance;
  }

  /** The same without a runtime. */
  async bootBare(fn: FunctionRecord, requestedMib: number, pool = this.pool): Promise<Instance> {
    this.#instances += 1;
    const instance = await pool.start(`i-bench${this.#instances}`, fn, requestedMib);
    instance.begin();
    return instance;
  }

  end(instance: Instance, pool = this.pool): Promise<void> {
    return pool.destroy(instance.instanceId);
  }
}

/** @throws Error where the function failed */
export async function invoke(instance: Instance, event: unknown): Promise<void> {
  const request: InvocationRequest = {
    requestId: '00000000-0000-4000-8000-000000000000',
    fn: instance.fn,
    requestedMib: instance.size.limitMib,
    cpuMillis: null,
    storageMib: instance.storageMib,
    payload: Buffer.from(JSON.stringify(event)),
  };
  const { failure } = await instance.invoke(request);
  if (failure !== null) throw new Error(`the function failed: ${JSON.stringify(failure)}`);
}
