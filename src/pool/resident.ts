/** What a VM really costs the host: the resident memory of its QEMU process. */
import { readdir, readFile } from 'node:fs/promises';

/** Of x86-64, which is the only architecture here. */
const pageKib = 4;

/**
 * The process id of the QEMU that runs the domain, or null. QEMU carries the UUID as an argument.
 */
export async function findQemuPid(uuid: string): Promise<number | null> {
  // It fails where the service is out of file descriptors, which is no reason to give up.
  for (const entry of await readdir('/proc').catch(() => [])) {
    if (!/^\d+$/.test(entry)) continue;
    const commandLine = await readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => '');
    const args = commandLine.split('\0');
    const at = args.indexOf('-uuid');
    if (at >= 0 && args[at + 1] === uuid) return Number(entry);
  }
  return null;
}

/** What a process has of the host's memory. */
export interface ResidentMemory {
  /** All pages that it maps. */
  readonly residentMib: number;
  /** Of those, what the kernel has merged with equal pages, so that they cost next to nothing. */
  readonly mergedMib: number;
}

/** Null when the process has gone or may not be read. */
export async function readResident(pid: number): Promise<ResidentMemory | null> {
  const rollup = await readProc(pid, 'smaps_rollup');
  const residentKib = /^Rss:\s+(\d+) kB$/m.exec(rollup)?.[1];
  if (residentKib === undefined) return null;
  // Kernels before 5.19 do not tell.
  const mergedPages = Number(await readProc(pid, 'ksm_merging_pages'));
  return {
    residentMib: Math.ceil(Number(residentKib) / 1024),
    mergedMib: Math.floor((mergedPages * pageKib) / 1024),
  };
}

function readProc(pid: number, name: string): Promise<string> {
  return readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '');
}
