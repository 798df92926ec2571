/** Greets, and tells what the function sees of the memory that this invocation was given. */
import { readFile } from 'node:fs/promises';

const kibPerMib = 1024;
const bytesPerMib = 1024 * 1024;

/** What the kernel of the virtual machine manages: it grows and shrinks with the request. */
async function memTotalMib() {
  const [, kib] = /^MemTotal:\s+(\d+) kB$/m.exec(await readFile('/proc/meminfo', 'utf8'));
  return Math.round(Number(kib) / kibPerMib);
}

/** What this function may use: the limit of its cgroup. Null where it has none. */
async function memoryMaxMib() {
  const [, group] = /^0::(.*)$/m.exec(await readFile('/proc/self/cgroup', 'utf8'));
  const limit = await readFile(`/sys/fs/cgroup${group}/memory.max`, 'utf8');
  return limit.trim() === 'max' ? null : Number(limit) / bytesPerMib;
}

export async function handler(event, context) {
  return {
    message: `Hello, ${event?.name ?? 'world'}!`,
    memTotalMib: await memTotalMib(),
    memoryMaxMib: await memoryMaxMib(),
    memoryLimitInMB: context.memoryLimitInMB,
    requestId: context.awsRequestId,
  };
}
