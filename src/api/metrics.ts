/**
 * What the service has done and how it stands, in the text format of Prometheus. No label has a
 * value that users choose, save the ids of the instances that there are.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { HostView } from '../model/host.js';
import type { InstanceView } from '../model/instance.js';
import type { InvocationEnd, Observer, ResizeEnd } from '../model/observer.js';
import type { InvocationService } from '../model/service.js';

const bytesPerMib = 1024 * 1024;
const msPerSecond = 1000;

/** Seconds: from a limit that changes to a guest that does not settle. */
const resizeBuckets = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30];
const invocationBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

export class Metrics implements Observer {
  readonly #registry = new Registry();
  readonly #registers = [this.#registry];
  readonly contentType = this.#registry.contentType;
  /** A scrape sets gauges before it reads them, so that two at a time are one. */
  #scrape: Promise<string> | null = null;

  readonly #invocations = new Counter({
    name: 'ballast_invocations_total',
    help: 'Invocations that ended, by what they came to and how their instance came to them.',
    labelNames: ['outcome', 'start'],
    registers: this.#registers,
  });
  readonly #durations = new Histogram({
    name: 'ballast_invocation_seconds',
    help: 'How long functions ran.',
    labelNames: ['start'],
    buckets: invocationBuckets,
    registers: this.#registers,
  });
  readonly #waits = new Histogram({
    name: 'ballast_queue_seconds',
    help: 'How long invocations waited for an instance of their own.',
    buckets: invocationBuckets,
    registers: this.#registers,
  });
  readonly #resizes = new Histogram({
    name: 'ballast_resize_seconds',
    help: 'How long resizes took, by mechanism and by the state in which they ended.',
    labelNames: ['mechanism', 'state'],
    buckets: resizeBuckets,
    registers: this.#registers,
  });
  readonly #memory = this.#gauge(
    'ballast_memory_bytes',
    'The ledger: budget, charged, reserved.',
    'of',
  );
  readonly #instances = this.#gauge('ballast_instances', 'Instances by state.', 'state');
  readonly #queued = this.#gauge('ballast_queue_length', 'Invocations that wait for an instance.');
  readonly #charged = this.#gauge(
    'ballast_instance_charged_bytes',
    'What the ledger holds for an instance.',
    'instance',
  );
  readonly #resident = this.#gauge(
    'ballast_instance_resident_bytes',
    'What the host has given to an instance.',
    'instance',
  );
  readonly #unused = this.#gauge(
    'ballast_instance_unused_bytes',
    'What an instance is charged and does not take: charged less resident.',
    'instance',
  );
  readonly #disk = this.#gauge(
    'ballast_instance_disk_bytes',
    "What an instance's scratch disk takes of the host's.",
    'instance',
  );

  constructor() {
    collectDefaultMetrics({ register: this.#registry });
  }

  invoked({ outcome, start, queueMs, durationMs }: InvocationEnd): void {
    this.#invocations.inc({ outcome, start });
    this.#waits.observe(queueMs / msPerSecond);
    if (durationMs !== null) this.#durations.observe({ start }, durationMs / msPerSecond);
  }

  resized({ mechanism, state, ms }: ResizeEnd): void {
    this.#resizes.observe({ mechanism, state }, ms / msPerSecond);
  }

  /** All of it, as it stands now. */
  text(service: Pick<InvocationService, 'host' | 'instances'>): Promise<string> {
    this.#scrape ??= this.#read(service).finally(() => {
      this.#scrape = null;
    });
    return this.#scrape;
  }

  async #read(service: Pick<InvocationService, 'host' | 'instances'>): Promise<string> {
    const [host, instances] = await Promise.all([service.host(), service.instances()]);
    this.#setHost(host);
    for (const gauge of [this.#charged, this.#resident, this.#unused, this.#disk]) gauge.reset();
    for (const instance of instances) this.#setInstance(instance);
    return this.#registry.metrics();
  }

  #setHost({ memory, instances, queued }: HostView): void {
    this.#memory.set({ of: 'budget' }, memory.budgetMib * bytesPerMib);
    this.#memory.set({ of: 'charged' }, memory.chargedMib * bytesPerMib);
    this.#memory.set({ of: 'reserved' }, memory.reservedMib * bytesPerMib);
    for (const [state, count] of Object.entries(instances)) this.#instances.set({ state }, count);
    this.#queued.set(queued);
  }

  #setInstance({ instanceId, chargedMib, residentMib, diskMib }: InstanceView): void {
    const instance = { instance: instanceId };
    this.#charged.set(instance, chargedMib * bytesPerMib);
    if (diskMib !== null) this.#disk.set(instance, diskMib * bytesPerMib);
    if (residentMib === null) return;
    this.#resident.set(instance, residentMib * bytesPerMib);
    this.#unused.set(instance, (chargedMib - residentMib) * bytesPerMib);
  }

  #gauge(name: string, help: string, ...labelNames: string[]): Gauge<string> {
    return new Gauge({ name, help, labelNames, registers: this.#registers });
  }
}
