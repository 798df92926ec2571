/** A scheduler over a pool without VMs. */
import { pino } from 'pino';
import type { FunctionRecord } from '../../../src/model/function.js';
import type { InvocationRequest } from '../../../src/model/invocation.js';
import type { NeedStore } from '../../../src/model/needs.js';
import type { InvocationEnd } from '../../../src/model/observer.js';
import { type ChargeRules, chargeFor, geometryFor } from '../../../src/pool/charge.js';
import { Concurrency } from '../../../src/scheduler/concurrency.js';
import { Fleet } from '../../../src/scheduler/fleet.js';
import type { KeepAlive, KeepAliveRules } from '../../../src/scheduler/keepAlive.js';
import { Keeper } from '../../../src/scheduler/keeper.js';
import { Runner } from '../../../src/scheduler/runner.js';
import { type HostFacts, Scheduler } from '../../../src/scheduler/scheduler.js';
import { FakePool } from '../../support/fakePool.js';

const overheadMib = 40;
const geometry = geometryFor(100_000, overheadMib, 1024);
export const maxMib = geometry.maxMib;

const host: HostFacts = {
  accelerator: { kind: 'tcg', reason: 'there is no VM' },
  mechanism: { name: 'virtio-mem', reason: 'it is the best' },
  start: { name: 'boot', reason: 'it is the best' },
  libvirt: { uri: 'test:///default', version: '9.0.0' },
  qemu: { version: '7.2.0' },
  image: { digest: '0', kernel: '6.1' },
  runtimes: [{ name: 'nodejs20.x' }],
};

const noNeeds: NeedStore = { load: () => new Map(), save: () => {} };

const logger = pino({ level: 'silent' });

const rulesFor = (budgetMib: number): ChargeRules => ({
  budgetMib,
  geometry,
  overheadMib,
  isProvisioned: false,
});

/** What an instance of a size is charged. */
export const chargeOf = (requestedMib: number): number => chargeFor(rulesFor(0), requestedMib);

/** The budget that exactly these sizes fit in, all at once. */
export const budgetFor = (...sizes: readonly number[]): number =>
  sizes.reduce((sum, size) => sum + chargeOf(size), 0);

export interface Setting {
  readonly budgetMib?: number;
  readonly maxWaiting?: number;
  readonly maxWaitMs?: number;
  readonly maxBoots?: number;
  readonly policy?: KeepAlive;
  readonly rules?: Partial<KeepAliveRules>;
  readonly needs?: NeedStore;
  readonly isHostShort?: boolean;
  readonly pause?: (what: string) => Promise<void>;
}

/** Nothing that is idle changes, unless a test says so. */
const patient: KeepAliveRules = {
  minHotMs: 600_000,
  maxHotMs: 600_000,
  leastKeepMs: 600_000,
  minGapMs: 120_000,
  minSamples: 5,
};

const keepAliveOf = ({ policy, rules }: Setting) => ({
  policy: policy ?? ({ kind: 'hybrid' } as const),
  rules: { ...patient, ...rules },
});

export function schedulerOver(setting: Setting = {}) {
  const pool = new FakePool(geometry, setting.pause);
  const invoked: InvocationEnd[] = [];
  const scheduler = new Scheduler({
    pool,
    charges: rulesFor(setting.budgetMib ?? 10_000),
    maxCpuMillis: 2000,
    queue: { maxWaiting: setting.maxWaiting ?? 100, maxWaitMs: setting.maxWaitMs ?? 60_000 },
    sharedMib: 0,
    shells: { refillMs: 1000, minShells: 1, maxShells: 4, missShare: 0.05 },
    maxBoots: setting.maxBoots ?? 100,
    keepAlive: keepAliveOf(setting),
    needs: setting.needs ?? noNeeds,
    isHostShort: async () => setting.isHostShort ?? false,
    host,
    observer: { invoked: (end) => invoked.push(end), resized: () => {} },
    logger,
  });
  pool.onLost = (instanceId, reason) => scheduler.lost(instanceId, reason);
  return { pool, scheduler, invoked };
}

export function fleetOver(setting: Setting = {}) {
  const pool = new FakePool(geometry, setting.pause);
  let freed = 0;
  const charges = rulesFor(setting.budgetMib ?? 10_000);
  const keeper = new Keeper(keepAliveOf(setting));
  const concurrency = new Concurrency(charges.budgetMib, 0);
  const onFreed = () => (freed += 1);
  const fleet = new Fleet({ pool, charges, keeper, concurrency, logger, onFreed });
  pool.onLost = (instanceId) => fleet.doom(instanceId);
  const runner = new Runner(fleet, keeper.demand, logger);
  return { pool, fleet, runner, keeper, concurrency, freed: () => freed };
}

let requests = 0;

export function requestFor(
  fn: FunctionRecord,
  requestedMib: number,
  signal?: AbortSignal,
): InvocationRequest {
  requests += 1;
  return {
    requestId: `r${requests}`,
    fn,
    requestedMib,
    cpuMillis: null,
    storageMib: fn.ephemeralMib,
    payload: Buffer.from('{}'),
    ...(signal === undefined ? {} : { signal }),
  };
}
