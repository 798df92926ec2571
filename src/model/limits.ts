/**
 * The limits of the Lambda API that ballast keeps, and its own bounds. Sources: AWS Lambda quotas.
 */
export const limits = {
  minMemoryMib: 128,
  maxMemoryMib: 10_240,
  defaultMemoryMib: 128,
  defaultTimeoutSeconds: 3,
  maxTimeoutSeconds: 900,
  /** MiB of `/tmp`. Every scratch disk is provisioned at the most. */
  minEphemeralMib: 512,
  maxEphemeralMib: 10_240,
  maxEnvironmentBytes: 4 * 1024,
  maxZipBytes: 50 * 1024 * 1024,
  maxUnzippedBytes: 250 * 1024 * 1024,
  /**
   * Every disk with a function's code has this size, most of it a hole: what 250 MiB of small files
   * come to, and their names.
   */
  taskDiskBytes: 1024 * 1024 * 1024,
  maxPayloadBytes: 6 * 1024 * 1024,
  logTailBytes: 4 * 1024,
  maxProcesses: 1024,
  /** MiB of memory that come with one whole processor; more or less memory scales it. */
  mibPerVcpu: 1769,
  /** Thousandths of a vCPU: the kernel takes no smaller share. */
  minCpuMillis: 10,
  /** Lambda's largest size has so many vCPUs' worth. */
  maxCpuMillis: 6000,
} as const;
