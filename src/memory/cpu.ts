/** Processor time: in proportion to memory, as Lambda has it, or as much as was asked for. */
import type { GuestLimits } from '../agent/messages.js';
import { limits } from '../model/limits.js';

const periodUs = 100_000;
const bytesPerMib = 1024 * 1024;

/** vCPUs of every instance: as many as Lambda gives at the most, as far as the host has them. */
export function vcpusFor(hostCpus: number): number {
  return Math.max(1, Math.min(hostCpus, limits.maxCpuMillis / 1000));
}

/** The most that an invocation can have, in thousandths of a vCPU. */
export function maxCpuMillisFor(vcpus: number): number {
  return vcpus * 1000;
}

/**
 * What an invocation gets of the processor, in thousandths of a vCPU.
 * @param askedCpuMillis null for what comes with the memory: 1,769 MiB are one vCPU
 */
export function cpuMillisFor(
  requestedMib: number,
  askedCpuMillis: number | null,
  vcpus: number,
): number {
  const millis = askedCpuMillis ?? Math.round((requestedMib / limits.mibPerVcpu) * 1000);
  return Math.min(maxCpuMillisFor(vcpus), Math.max(limits.minCpuMillis, millis));
}

/** The limits of a function's cgroup. */
export function limitsFor(requestedMib: number, cpuMillis: number): GuestLimits {
  return {
    memoryBytes: requestedMib * bytesPerMib,
    cpuQuotaUs: Math.round((cpuMillis * periodUs) / 1000),
    cpuPeriodUs: periodUs,
    processes: limits.maxProcesses,
  };
}
