/** Wires the rooms together: the only place that knows all of them. */
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { createApi, listen } from './api/index.js';
import type { Config } from './config.js';
import { type Hypervisor, openHypervisor } from './hypervisor.js';
import { vcpusFor } from './memory/cpu.js';
import { limits } from './model/limits.js';
import { Openings } from './openings.js';
import { policyFor } from './policy.js';
import { type Accelerator, chooseAccelerator, readAcceleratorFacts } from './pool/accelerator.js';
import { type ChargeRules, geometryFor } from './pool/charge.js';
import { type GuestImage, installGuestImage } from './pool/guestImage.js';
import { Pool } from './pool/pool.js';
import { Scheduler } from './scheduler/scheduler.js';
import { openStateDirectory, type StateDirectory } from './stateDirectory.js';
import { openStore } from './store/index.js';

/** Functions have one owner here; clients of the Lambda API expect a region and an account. */
const identity = { region: 'us-east-1', accountId: '000000000000' };

const builtImageDir = fileURLToPath(new URL('../image', import.meta.url));
const packageFile = new URL('../../package.json', import.meta.url);

/** How long clients may take to read their last answers. */
const lastAnswersMs = 5_000;

export interface Service {
  /** Where it listens, for people. */
  readonly address: string;
  /**
   * Ends every VM, and the service. Invocations that run get `graceMs` to finish. Calling it again
   * with less grace hurries it.
   */
  close(graceMs: number): Promise<void>;
}

/** @throws BallastError BAD_CONFIGURATION, STATE_DIRECTORY, HOST_UNUSABLE; nothing is left open */
export async function openService(config: Config, logger: Logger): Promise<Service> {
  const openings = new Openings();
  try {
    return await open(config, logger, openings);
  } catch (error) {
    await openings.close();
    throw error;
  }
}

interface Ground {
  readonly config: Config;
  readonly logger: Logger;
  readonly state: StateDirectory;
  readonly accelerator: Accelerator;
  readonly image: GuestImage;
  readonly hypervisor: Hypervisor;
}

async function open(config: Config, logger: Logger, openings: Openings): Promise<Service> {
  const state = await openStateDirectory(config.stateDir);
  openings.add(() => state.release());
  const accelerator = chooseAccelerator(config.accelerator, await readAcceleratorFacts());
  logger.info(accelerator, `virtual machines run under ${titles[accelerator.kind]}`);
  const image = await installGuestImage(builtImageDir, state.imagesDir);
  const hypervisor = await openHypervisor(config.libvirtUri, state.path);
  openings.add(() => hypervisor.connection.close());
  const store = await openStore({ directory: state.path });
  openings.add(() => store.close());
  const ground = { config, logger, state, accelerator, image, hypervisor };
  const scheduler = await openScheduler(ground);
  openings.add(() => scheduler.close(0));
  const { version } = JSON.parse(await readFile(packageFile, 'utf8'));
  const { runtimes } = image;
  const api = await createApi({ service: scheduler, store, identity, runtimes, version, logger });
  const address = await listen(api, config.listen);
  logger.info({ stateDir: state.path, budgetMib: config.budgetMib }, `listening at ${address}`);

  let closing: Promise<void> | undefined;
  const finish = async (ended: Promise<void>) => {
    const answered = api.close();
    await ended;
    await Promise.race([answered, delay(lastAnswersMs, undefined, { ref: false })]);
    api.server.closeAllConnections();
    await openings.close();
  };
  return {
    address,
    close: (graceMs) => {
      const ended = scheduler.close(graceMs);
      closing ??= finish(ended);
      return closing;
    },
  };
}

const titles = {
  kvm: 'KVM',
  tcg: 'software emulation (TCG): slow, though true in everything else',
};

async function openScheduler(ground: Ground): Promise<Scheduler> {
  const { config, logger, hypervisor, accelerator, image } = ground;
  const policy = policyFor(accelerator.kind);
  const { budgetMib } = config;
  const { overheadMib } = policy;
  const geometry = geometryFor(budgetMib, overheadMib, limits.maxMemoryMib);
  const charges: ChargeRules = { budgetMib, geometry, overheadMib };
  const pool = await openPool(ground, charges);
  const scheduler = new Scheduler({
    pool,
    charges,
    queue: policy.queue,
    keepAliveMs: policy.keepAliveMs,
    host: {
      accelerator,
      libvirt: hypervisor.libvirt,
      qemu: hypervisor.qemu,
      image: { digest: image.digest, kernel: image.kernel },
      runtimes: image.runtimes.map((name) => ({ name })),
    },
    logger,
  });
  pool.onLost = (instanceId, reason) => scheduler.lost(instanceId, reason);
  return scheduler;
}

function openPool(ground: Ground, { geometry }: ChargeRules): Promise<Pool> {
  const { logger, state, accelerator, image, hypervisor } = ground;
  const { bootTimeoutMs, settleMs, initTimeoutMs, maxBoots } = policyFor(accelerator.kind);
  const vcpus = vcpusFor(geometry.maxMib, availableParallelism());
  return Pool.open({
    boot: {
      connection: hypervisor.connection,
      ownerId: state.ownerId,
      accelerator: accelerator.kind,
      image,
      geometry,
      vcpus,
      instancesDir: state.instancesDir,
      bootTimeoutMs,
    },
    rules: { geometry, vcpus, identity, settleMs, initTimeoutMs },
    maxBoots,
    logger,
  });
}
