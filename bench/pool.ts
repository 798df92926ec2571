/** The pools of the benchmark: as the service opens them, but that nobody counts memory. */
import { join } from 'node:path';
import { pino } from 'pino';
import type { Hypervisor } from '../src/hypervisor.js';
import type { Mechanism } from '../src/memory/elastic.js';
import type { Geometry } from '../src/memory/geometry.js';
import { policyFor } from '../src/policy.js';
import type { Accelerator } from '../src/pool/accelerator.js';
import type { GuestImage } from '../src/pool/guestImage.js';
import { HostCap } from '../src/pool/hostCap.js';
import { Pool } from '../src/pool/pool.js';
import type { TemplateRules } from '../src/pool/templating.js';
import { openStarting } from '../src/starting.js';
import type { StateDirectory } from '../src/stateDirectory.js';
import { unobserved } from '../test/support/unobserved.js';

const identity = { region: 'us-east-1', accountId: '000000000000' };
const unlimited = { reserve: () => true, settle: () => {}, close: () => {} };

export interface PoolGround {
  readonly dir: string;
  readonly libvirtUri: string;
  readonly budgetMib: number;
  readonly accelerator: Accelerator['kind'];
  readonly vcpus: number;
  readonly state: StateDirectory;
  readonly hypervisor: Hypervisor;
  readonly image: GuestImage;
}

export interface PoolWish {
  readonly mechanism: Mechanism;
  readonly geometry: Geometry;
  /** Whether instances start by clone where this host allows it; else they boot. */
  readonly clones: boolean;
}

export async function openPool(ground: PoolGround, wish: PoolWish): Promise<Pool> {
  const { accelerator, budgetMib, dir, hypervisor, image, state, vcpus } = ground;
  const { mechanism, geometry, clones } = wish;
  const policy = policyFor(accelerator, mechanism);
  const { bootTimeoutMs, settleMs, initTimeoutMs, overheadMib } = policy;
  // Each ends what others have left of its own, so that each has its own.
  const name = clones ? 'clones' : mechanism;
  const isProvisioned = mechanism !== 'virtio-mem';
  const hostCap = new HostCap({ budgetMib, geometry, overheadMib, isProvisioned });
  const shared = { geometry, vcpus };
  const templates = clones ? await templateRules(ground, mechanism) : null;
  return Pool.open({
    boot: {
      ...shared,
      connection: hypervisor.connection,
      ownerId: `${state.ownerId}-${name}`,
      accelerator,
      image,
      mechanism,
      emulatorPath: templates?.launcher?.qemuPath ?? null,
      instancesDir: join(dir, name),
      blankScratchPath: state.blankScratchPath,
      bootTimeoutMs,
    },
    rules: { ...shared, identity, settleMs, initTimeoutMs, observer: unobserved, hostCap },
    templates,
    accounts: unlimited,
    reopen: hypervisor.reopen,
    logger: pino({ level: 'silent' }),
  });
}

async function templateRules(
  { accelerator, budgetMib, hypervisor, libvirtUri, state }: PoolGround,
  mechanism: Mechanism,
): Promise<TemplateRules | null> {
  const config = { start: 'clone', libvirtUri, budgetMib } as const;
  const templatesMib = 0;
  const starting = await openStarting({ config, state, hypervisor, mechanism, templatesMib });
  const { choice, launcher, cpu, qemuIds } = starting;
  if (choice.name === 'boot') return null;
  return {
    ...policyFor(accelerator, mechanism),
    method: choice.name,
    launcher,
    templatesDir: state.templatesDir,
    versions: { libvirt: hypervisor.libvirt.version, qemu: hypervisor.qemu.version },
    cpu,
    qemuIds,
    leastShells: 1,
    snapStarted: [],
  };
}
