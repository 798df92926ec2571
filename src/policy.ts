/** The service's bounds and waits. Software emulation is about ten times slower than KVM. */
import { availableParallelism } from 'node:os';
import type { Accelerator } from './pool/accelerator.js';

const minuteMs = 60_000;

export function policyFor(accelerator: Accelerator['kind']) {
  const isEmulated = accelerator === 'tcg';
  return {
    /** What QEMU takes besides the guest's memory: its code, devices and translation cache. */
    overheadMib: isEmulated ? 128 : 48,
    /** From a guest's start to its agent's hello and its first memory. */
    bootTimeoutMs: isEmulated ? 2 * minuteMs : 30_000,
    /** For a runtime to ask for its first invocation. Lambda gives 10 s. */
    initTimeoutMs: isEmulated ? minuteMs : 10_000,
    /** For a guest to plug or unplug what it was asked to. */
    settleMs: isEmulated ? 10_000 : 5_000,
    /** An instance that is idle for so long is evicted. */
    keepAliveMs: 10 * minuteMs,
    queue: { maxWaiting: 256, maxWaitMs: minuteMs },
    maxBoots: availableParallelism(),
  } as const;
}
