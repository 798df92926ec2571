/** Whether the host itself runs short of memory, whatever the budget says. */
import { readFile } from 'node:fs/promises';
import { freemem, totalmem } from 'node:os';

const pressureFile = '/proc/pressure/memory';

export interface HostMemory {
  /** The part of the host's memory that is available, 0 to 1. */
  readonly available: number;
  /**
   * Share of the last ten seconds in which some process waited for memory, in per cent; null where
   * the kernel does not tell.
   */
  readonly stalledPercent: number | null;
}

/**
 * Where a host is said to be short of memory: between the 20 % below which oVirt's memory manager
 * acts and the 5 % below which it acts hard. The default budget leaves a quarter free.
 */
const leastAvailable = 0.1;
const mostStalledPercent = 10;

export function isShort({ available, stalledPercent }: HostMemory): boolean {
  return available < leastAvailable || (stalledPercent ?? 0) > mostStalledPercent;
}

/** The figure of a line such as "some avg10=0.12 avg60=0.00 avg300=0.00 total=12". */
export function stalledPercentIn(text: string): number | null {
  const percent = /^some avg10=(\d+(?:\.\d+)?) /m.exec(text)?.[1];
  return percent === undefined ? null : Number(percent);
}

export async function readHostMemory(): Promise<HostMemory> {
  const text = await readFile(pressureFile, 'utf8').catch(() => '');
  // Node reads MemAvailable for `freemem` on Linux.
  return { available: freemem() / totalmem(), stalledPercent: stalledPercentIn(text) };
}
