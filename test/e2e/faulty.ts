/** A service's rooms over real VMs, without its API, in which a resize can be broken. */
import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import type { Test } from 'tap';
import { Ground } from '../../bench/ground.js';
import type { FunctionRecord } from '../../src/model/function.js';
import type { InvocationRequest, InvocationResult } from '../../src/model/invocation.js';
import { policyFor } from '../../src/policy.js';
import type { Instance } from '../../src/pool/instance.js';
import type { Pool } from '../../src/pool/pool.js';
import { Scheduler } from '../../src/scheduler/scheduler.js';
import type { QemuDaemon } from '../support/qemuDaemon.js';
import { unobserved } from '../support/unobserved.js';

const fileTimeoutMs = 10 * 60_000;
const policy = policyFor('tcg', 'virtio-mem');

/** @param daemon What runs the VMs, and ends with the test; the embedded driver where none is. */
export async function openFaulty(t: Test, daemon?: QemuDaemon): Promise<Faulty> {
  t.setTimeout(fileTimeoutMs);
  const ground = await Ground.open(daemon?.uri);
  const { pool, charges } = ground;
  const scheduler = new Scheduler({
    pool,
    charges,
    maxCpuMillis: 2000,
    queue: policy.queue,
    sharedMib: 0,
    maxBoots: policy.maxBoots,
    shells: { ...policy.shells, maxShells: 0 },
    keepAlive: { policy: { kind: 'hybrid' }, rules: policy.keepAlive },
    observer: unobserved,
    needs: { load: () => new Map(), save: () => {} },
    isHostShort: async () => false,
    host: {
      accelerator: { kind: 'tcg', reason: 'a test' },
      mechanism: { name: 'virtio-mem', reason: 'a test' },
      start: { name: 'boot' as const, reason: 'a test' },
      libvirt: { uri: '', version: '' },
      qemu: { version: '' },
      image: { digest: '', kernel: '' },
      runtimes: [],
    },
    logger: pino({ level: 'silent' }),
  });
  pool.onLost = (instanceId, reason) => scheduler.lost(instanceId, reason);
  t.teardown(async () => {
    await scheduler.close(0);
    await ground.close();
    await daemon?.end();
  });
  const fn = await ground.deploy('test/e2e/functions/fill.py', 'python', 'fill.handler');
  return new Faulty(t, pool, scheduler, fn);
}

export class Faulty {
  readonly pool: Pool;
  readonly scheduler: Scheduler;
  readonly #fn: FunctionRecord;
  readonly #t: Test;

  constructor(t: Test, pool: Pool, scheduler: Scheduler, fn: FunctionRecord) {
    this.#t = t;
    this.pool = pool;
    this.scheduler = scheduler;
    this.#fn = fn;
  }

  invoke(requestedMib: number): Promise<InvocationResult> {
    const request: InvocationRequest = {
      requestId: '00000000-0000-4000-8000-000000000000',
      fn: this.#fn,
      requestedMib,
      cpuMillis: 1000,
      storageMib: 512,
      payload: Buffer.from('{"mib":64}'),
    };
    return this.scheduler.invoke(request);
  }

  /** The instance that serves at 128 MiB. */
  async serving(): Promise<Instance> {
    const { receipt, failure } = await this.invoke(128);
    this.#t.equal(failure, null);
    const instance = this.pool.get(receipt.instanceId);
    if (instance === undefined) throw new Error(`${receipt.instanceId} has gone`);
    return instance;
  }

  /**
   * Waits until a grow has asked its guest, which does not answer: QEMU has stopped it.
   * @returns what the grow fails with, once it does; not a promise itself, which would be awaited
   */
  async growing({ instanceId, domain }: Instance): Promise<{ readonly failure: Promise<unknown> }> {
    await domain.qmp('stop', {});
    const failure = this.scheduler.resize(instanceId, 1024).then(
      () => null,
      (error: unknown) => error,
    );
    const { scheduler } = this;
    while ((await scheduler.instance(instanceId)).resize?.state !== 'converging') await delay(5);
    return { failure };
  }

  /** Nothing of the broken instance is left on the books, and the function is served again. */
  async recovers(lost: Instance): Promise<void> {
    for (let tries = 0; this.pool.get(lost.instanceId) !== undefined && tries < 200; tries += 1) {
      await delay(50);
    }
    this.#t.equal(this.pool.get(lost.instanceId), undefined, 'the broken instance has gone');
    this.#t.match((await this.scheduler.host()).memory, { chargedMib: 0, reservedMib: 0 });
    const { receipt, failure } = await this.invoke(128);
    this.#t.equal(failure, null);
    this.#t.match(receipt, { start: 'boot', limitMib: 128 });
  }
}
