/** The service's bounds and waits. Software emulation is about ten times slower than KVM. */
import { availableParallelism } from 'node:os';
import type { Mechanism } from './memory/elastic.js';
import type { Accelerator } from './pool/accelerator.js';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

export function policyFor(accelerator: Accelerator['kind'], mechanism: Mechanism) {
  const isEmulated = accelerator === 'tcg';
  // Pages one by one take many times as long as blocks.
  const slowness = mechanism === 'virtio-mem' ? 1 : 4;
  return {
    /**
     * What QEMU takes besides the guest's memory: its code and devices and, where it emulates, its
     * translation cache. A VM's resident memory is never above its charge: a test fills one to see.
     */
    overheadMib: isEmulated ? 224 : 64,
    /** From a guest's start to its agent's hello and its first memory. */
    bootTimeoutMs: isEmulated ? 2 * minuteMs : 30_000,
    /** From the first request to a shell to the guest's first memory. */
    loadTimeoutMs: isEmulated ? 30_000 : 10_000,
    /** A start takes half a second, so that one in twenty may wait for it in a steady stream. */
    shells: { refillMs: isEmulated ? 1_000 : 500, minShells: 1, missShare: 0.05 },
    /**
     * Where a processor is emulated, the first run of any code costs its translation: shells have
     * rehearsed a start. A real one has nothing to gain but what loading a state takes.
     */
    preparesShells: isEmulated,
    /** What a QEMU takes that waits for its function; a test looks. */
    shellMib: isEmulated ? 256 : 64,
    /** The most that the sealed memory of a template may take: guest, agent and runtime. */
    templateMib: 256,
    /** For a runtime to ask for its first invocation. Lambda gives 10 s. */
    initTimeoutMs: isEmulated ? minuteMs : 10_000,
    /** For a guest to plug or unplug what it was asked to. */
    settleMs: slowness * (isEmulated ? 10_000 : 5_000),
    /**
     * So many instances of the largest size fit in the budget. Where an agent holds memory the host
     * often does not get it back, so that each VM costs what it was provisioned with.
     */
    largestInstances: mechanism === 'process' ? 4 : 1,
    /**
     * Of idle instances. To deflate one and to plug it again takes some 60 ms under KVM, which a
     * second of its memory is worth; emulated, it takes long. To evict one and to start it again
     * costs processor time.
     */
    keepAlive: {
      minHotMs: isEmulated ? 30_000 : 1_000,
      maxHotMs: isEmulated ? 2 * minuteMs : 1_000,
      leastKeepMs: 3 * hourMs,
      minGapMs: 2 * minuteMs,
      minSamples: 5,
    },
    queue: { maxWaiting: 256, maxWaitMs: minuteMs },
    maxBoots: availableParallelism(),
  } as const;
}
