/** The processes that a service has on the host, found as its operator would: by arguments. */
import { readdir, readFile } from 'node:fs/promises';

interface HostProcess {
  readonly pid: number;
  readonly args: readonly string[];
}

/** Every process with the path in its arguments. */
async function processesOf(stateDir: string): Promise<HostProcess[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      return { pid: Number(pid), args: line.split('\0') };
    }),
  );
  return found.filter(({ args }) => args.some((arg) => arg.includes(stateDir)));
}

/** QEMUs by how their machine's name begins: `t` of templates, `s` of shells, `i` of boots. */
export async function qemus(stateDir: string, kind: 't' | 's' | 'i' | '' = ''): Promise<number[]> {
  const found = await processesOf(stateDir);
  const named = ({ args }: HostProcess) =>
    args[0]?.includes('qemu-system') === true &&
    args.some((arg) => arg.startsWith(`guest=ballast-${kind}`));
  return found.filter(named).map(({ pid }) => pid);
}

/** The processes that keep the memory of templates. */
export async function ramHolders(stateDir: string): Promise<number[]> {
  const found = await processesOf(stateDir);
  return found.filter(({ args }) => args[0]?.endsWith('/ballast-ram')).map(({ pid }) => pid);
}
