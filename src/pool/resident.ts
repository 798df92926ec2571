/** What a VM really costs the host: the resident memory of its QEMU process. */
import { readdir, readFile } from 'node:fs/promises';

/**
 * The process id of the QEMU that runs the domain, or null. QEMU carries the UUID as an argument.
 */
export async function findQemuPid(uuid: string): Promise<number | null> {
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const commandLine = await readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => '');
    const args = commandLine.split('\0');
    const at = args.indexOf('-uuid');
    if (at >= 0 && args[at + 1] === uuid) return Number(entry);
  }
  return null;
}

/** Resident MiB of a process, or null when it has gone or may not be read. */
export async function residentMib(pid: number): Promise<number | null> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
  const match = /^Rss:\s+(\d+) kB$/m.exec(rollup);
  return match?.[1] === undefined ? null : Math.ceil(Number(match[1]) / 1024);
}
