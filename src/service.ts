/** Wires the rooms together: the only place that knows all of them. */
import { readFile } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { createApi, listen, Metrics } from './api/index.js';
import type { Config } from './config.js';
import { type Hypervisor, openHypervisor } from './hypervisor.js';
import { chooseMechanism, type MechanismChoice } from './memory/chooseMechanism.js';
import { maxCpuMillisFor, vcpusFor } from './memory/cpu.js';
import { limits } from './model/limits.js';
import { Openings } from './openings.js';
import { policyFor } from './policy.js';
import { type Accelerator, chooseAccelerator, readAcceleratorFacts } from './pool/accelerator.js';
import { type Accounts, LateAccounts } from './pool/accounts.js';
import { type ChargeRules, geometryFor } from './pool/charge.js';
import { type GuestImage, installGuestImage } from './pool/guestImage.js';
import { HostCap } from './pool/hostCap.js';
import { Pool } from './pool/pool.js';
import { isShort, readHostMemory } from './pool/pressure.js';
import { makeBlankScratch } from './pool/scratch.js';
import type { TemplateRules } from './pool/templating.js';
import { Scheduler } from './scheduler/scheduler.js';
import { openStarting, type Starting } from './starting.js';
import { openStateDirectory, type StateDirectory } from './stateDirectory.js';
import { Activation, openStore, type Store } from './store/index.js';

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
  readonly store: Store;
  readonly mechanism: MechanismChoice;
  readonly starting: Starting;
  readonly metrics: Metrics;
}

async function open(config: Config, logger: Logger, openings: Openings): Promise<Service> {
  warnOfBudget(config.budgetMib, logger);
  const state = await openStateDirectory(config.stateDir);
  openings.add(() => state.release());
  const accelerator = chooseAccelerator(config.accelerator, await readAcceleratorFacts());
  logger.info(accelerator, `virtual machines run under ${titles[accelerator.kind]}`);
  const image = await installGuestImage(builtImageDir, state.imagesDir, accelerator.kind);
  await makeBlankScratch(state.blankScratchPath);
  const hypervisor = await openHypervisor(config.libvirtUri, state.path);
  openings.add(() => hypervisor.connection.close());
  const mechanism = chooseMechanism(config.mechanism, {
    libvirt: hypervisor.libvirt.version,
    qemu: hypervisor.qemu.version,
  });
  logger.info({ reason: mechanism.reason }, `memory is claimed and released by ${mechanism.name}`);
  const store = await openStore({ directory: state.path });
  openings.add(() => store.close());
  const { templateMib } = policyFor(accelerator.kind, mechanism.name);
  const starting = await openStarting({
    config,
    state,
    hypervisor,
    mechanism: mechanism.name,
    templatesMib: image.runtimes.length * templateMib,
  });
  const { name, reason } = starting.choice;
  logger.info({ reason }, `new instances begin with a ${name}`);
  const metrics = new Metrics();
  const ground = { config, logger, state, accelerator, image, hypervisor, mechanism, store };
  const { scheduler, pool } = await openScheduler({ ...ground, starting, metrics });
  openings.add(() => scheduler.close(0));
  const activation = new Activation(store, pool, logger);
  openings.add(() => activation.close());
  activation.resume();
  const { version } = JSON.parse(await readFile(packageFile, 'utf8'));
  const { runtimes } = image;
  const rooms = { service: scheduler, templates: pool, store, activation, identity, runtimes };
  const api = await createApi({ ...rooms, metrics, version, logger });
  const address = await listen(api, config.listen);
  for (const runtime of store.runtimes()) pool.prepareTemplate(runtime);

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

function warnOfBudget(budgetMib: number, logger: Logger): void {
  const hostMib = Math.floor(totalmem() / (1024 * 1024));
  if (budgetMib <= hostMib) return;
  logger.warn(
    { budgetMib, hostMib },
    'BALLAST_MEMORY_MIB is more than the host has: VMs that use it all will be killed, or swap',
  );
}

const titles = {
  kvm: 'KVM',
  tcg: 'software emulation (TCG): slow, though true in everything else',
};

async function openScheduler(
  ground: Ground,
): Promise<{ readonly scheduler: Scheduler; readonly pool: Pool }> {
  const { config, logger, hypervisor, accelerator, image, mechanism, starting } = ground;
  const policy = policyFor(accelerator.kind, mechanism.name);
  const { budgetMib } = config;
  const { overheadMib, largestInstances } = policy;
  const wishMib = config.maxMemoryMib ?? limits.maxMemoryMib;
  const { sharedMib } = starting;
  const instancesMib = budgetMib - sharedMib;
  const geometry = geometryFor(instancesMib / largestInstances, overheadMib, wishMib);
  const isProvisioned = mechanism.name === 'process';
  const charges: ChargeRules = { budgetMib, geometry, overheadMib, isProvisioned };
  const vcpus = vcpusFor(availableParallelism());
  const accounts = new LateAccounts();
  const pool = await openPool(ground, charges, vcpus, accounts);
  const scheduler = new Scheduler({
    pool,
    charges,
    sharedMib,
    shells: { ...policy.shells, maxShells: config.maxShells },
    maxCpuMillis: maxCpuMillisFor(vcpus),
    queue: policy.queue,
    maxBoots: policy.maxBoots,
    keepAlive: { policy: config.keepAlive, rules: policy.keepAlive },
    needs: ground.store.needs,
    observer: ground.metrics,
    isHostShort: async () => isShort(await readHostMemory()),
    host: {
      accelerator,
      mechanism,
      start: starting.choice,
      libvirt: hypervisor.libvirt,
      qemu: hypervisor.qemu,
      image: { digest: image.digest, kernel: image.kernel },
      runtimes: image.runtimes.map((name) => ({ name })),
    },
    logger,
  });
  accounts.behind(scheduler.accounts);
  pool.onLost = (instanceId, reason) => scheduler.lost(instanceId, reason);
  return { scheduler, pool };
}

function openPool(
  ground: Ground,
  charges: ChargeRules,
  vcpus: number,
  accounts: Accounts,
): Promise<Pool> {
  const { geometry } = charges;
  const { logger, state, accelerator, image, hypervisor, mechanism, starting } = ground;
  const policy = policyFor(accelerator.kind, mechanism.name);
  const { bootTimeoutMs, settleMs, initTimeoutMs } = policy;
  return Pool.open({
    boot: {
      connection: hypervisor.connection,
      ownerId: state.ownerId,
      accelerator: accelerator.kind,
      emulatorPath: starting.launcher?.qemuPath ?? null,
      image,
      geometry,
      mechanism: mechanism.name,
      vcpus,
      instancesDir: state.instancesDir,
      blankScratchPath: state.blankScratchPath,
      bootTimeoutMs,
    },
    rules: {
      geometry,
      vcpus,
      identity,
      settleMs,
      initTimeoutMs,
      observer: ground.metrics,
      hostCap: new HostCap({ ...charges, isProvisioned: mechanism.name !== 'virtio-mem' }),
    },
    templates: templateRules(ground),
    accounts,
    reopen: hypervisor.reopen,
    logger,
  });
}

/** How instances begin by templates; null where they are booted. */
function templateRules(ground: Ground): TemplateRules | null {
  const { config, accelerator, hypervisor, mechanism, starting, state, store } = ground;
  const { choice, launcher, cpu, qemuIds } = starting;
  if (choice.name === 'boot') return null;
  const policy = policyFor(accelerator.kind, mechanism.name);
  return {
    method: choice.name,
    launcher: choice.name === 'clone' ? launcher : null,
    templatesDir: state.templatesDir,
    versions: { libvirt: hypervisor.libvirt.version, qemu: hypervisor.qemu.version },
    cpu,
    qemuIds,
    loadTimeoutMs: policy.loadTimeoutMs,
    preparesShells: policy.preparesShells,
    shellMib: policy.shellMib,
    leastShells: Math.min(policy.shells.minShells, config.maxShells),
    templateMib: policy.templateMib,
    snapStarted: store.snapStarted(),
  };
}
