/** A scheduler over a pool without VMs. */
import { pino } from 'pino';
import type { FunctionRecord } from '../../../src/model/function.js';
import type { InvocationRequest } from '../../../src/model/invocation.js';
import { type ChargeRules, chargeFor, geometryFor } from '../../../src/pool/charge.js';
import { Fleet } from '../../../src/scheduler/fleet.js';
import { Runner } from '../../../src/scheduler/runner.js';
import { type HostFacts, Scheduler } from '../../../src/scheduler/scheduler.js';
import { FakePool } from '../../support/fakePool.js';

const overheadMib = 40;
const geometry = geometryFor(100_000, overheadMib, 1024);
export const maxMib = geometry.maxMib;

const host: HostFacts = {
  accelerator: { kind: 'tcg', reason: 'there is no VM' },
  libvirt: { uri: 'test:///default', version: '9.0.0' },
  qemu: { version: '7.2.0' },
  image: { digest: '0', kernel: '6.1' },
  runtimes: [{ name: 'nodejs20.x' }],
};

const logger = pino({ level: 'silent' });

const rulesFor = (budgetMib: number): ChargeRules => ({ budgetMib, geometry, overheadMib });

/** What an instance of a size is charged. */
export const chargeOf = (requestedMib: number): number => chargeFor(rulesFor(0), requestedMib);

/** The budget that exactly these sizes fit in, all at once. */
export const budgetFor = (...sizes: readonly number[]): number =>
  sizes.reduce((sum, size) => sum + chargeOf(size), 0);

export interface Setting {
  readonly budgetMib?: number;
  readonly maxWaiting?: number;
  readonly maxWaitMs?: number;
  readonly keepAliveMs?: number;
  readonly pause?: (what: string) => Promise<void>;
}

export function schedulerOver(setting: Setting = {}) {
  const pool = new FakePool(geometry, setting.pause);
  const scheduler = new Scheduler({
    pool,
    charges: rulesFor(setting.budgetMib ?? 10_000),
    queue: { maxWaiting: setting.maxWaiting ?? 100, maxWaitMs: setting.maxWaitMs ?? 60_000 },
    keepAliveMs: setting.keepAliveMs ?? 600_000,
    host,
    logger,
  });
  pool.onLost = (instanceId, reason) => scheduler.lost(instanceId, reason);
  return { pool, scheduler };
}

export function fleetOver(setting: Setting = {}) {
  const pool = new FakePool(geometry, setting.pause);
  let freed = 0;
  const charges = rulesFor(setting.budgetMib ?? 10_000);
  const fleet = new Fleet({ pool, charges, logger, onFreed: () => (freed += 1) });
  pool.onLost = (instanceId) => fleet.doom(instanceId);
  return { pool, fleet, runner: new Runner(fleet, logger), freed: () => freed };
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
    payload: Buffer.from('{}'),
    ...(signal === undefined ? {} : { signal }),
  };
}
