/** Processor time in proportion to memory, as Lambda has it: 1,769 MiB are one vCPU. */
import type { GuestLimits } from '../agent/messages.js';
import { limits } from '../model/limits.js';

const periodUs = 100_000;
const bytesPerMib = 1024 * 1024;

/** vCPUs that an instance of the largest size can use, as far as the host has them. */
export function vcpusFor(maxMib: number, hostCpus: number): number {
  return Math.max(1, Math.min(hostCpus, Math.ceil(maxMib / limits.mibPerVcpu)));
}

/** The limits of a function's cgroup at a size. */
export function limitsFor(requestedMib: number, vcpus: number): GuestLimits {
  const share = Math.min(vcpus, requestedMib / limits.mibPerVcpu);
  return {
    memoryBytes: requestedMib * bytesPerMib,
    cpuQuotaUs: Math.round(share * periodUs),
    cpuPeriodUs: periodUs,
    processes: limits.maxProcesses,
  };
}
