/**
 * What libvirt's calls take in ballast: one after the other, with the event loop asleep meanwhile
 * or looking for their results, and 20 and 100 at a time over all domains. It writes how long a
 * call took on average, in microseconds, as JSON.
 *
 * usage: promises.js URI MS DOMAIN...
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { connect, type Domain } from '../../lib/index.js';

/** Before calls are counted. */
const warmUpMs = 200;
const manyUsers = 100;
/** Longer than any of these calls takes. */
const busyPollUs = 100_000;
/** How often the event loop is looked at. */
const resolutionMs = 1;

const calls = {
  info: (domain: Domain) => domain.info(),
  memoryStats: (domain: Domain) => domain.memoryStats(),
  queryStatus: (domain: Domain) => domain.qmp('query-status'),
};
type Call = (domain: Domain) => Promise<unknown>;

async function callsUntil(deadlineMs: number, call: Call, domain: Domain): Promise<number> {
  let count = 0;
  for (; performance.now() < deadlineMs; count += 1) await call(domain);
  return count;
}

/** How many calls one user of each of the domains make in so long, all at once. */
async function crowd(call: Call, domains: readonly Domain[], durationMs: number): Promise<number> {
  const deadlineMs = performance.now() + durationMs;
  const counts = await Promise.all(domains.map((domain) => callsUntil(deadlineMs, call, domain)));
  return counts.reduce((sum, each) => sum + each, 0);
}

/** How long a call takes them on average, in microseconds. */
async function timeOf(call: Call, domains: readonly Domain[], durationMs: number): Promise<number> {
  await crowd(call, domains, warmUpMs);
  const startMs = performance.now();
  const count = await crowd(call, domains, durationMs);
  return ((performance.now() - startMs) / count) * 1000;
}

async function timesOf(domains: readonly Domain[], durationMs: number) {
  return {
    info: await timeOf(calls.info, domains, durationMs),
    memoryStats: await timeOf(calls.memoryStats, domains, durationMs),
    queryStatus: await timeOf(calls.queryStatus, domains, durationMs),
  };
}

const [uri = '', duration, ...names] = process.argv.slice(2);
const durationMs = Number(duration);
const connection = await connect(uri);
const domains = await Promise.all(names.map((name) => connection.lookupByName(name)));
const [first] = domains;
if (first === undefined) throw new Error('usage: promises.js URI MS DOMAIN...');

const sleeping = await timesOf([first], durationMs);
const few = await timesOf(domains, durationMs);
const delay = monitorEventLoopDelay({ resolution: resolutionMs });
delay.enable();
const users = Array.from({ length: manyUsers / domains.length }, () => domains).flat();
const many = await timesOf(users, durationMs);
delay.disable();
// Node.js records the whole time between two looks.
const longestDelayMs = delay.max / 1e6 - resolutionMs;
await connection.close();

const polling = await connect(uri, { busyPollUs });
const looking = await timesOf([await polling.lookupByName(first.name)], durationMs);
await polling.close();
const measured = { alone: { sleeping, looking }, together: { 20: few, 100: many }, longestDelayMs };
process.stdout.write(`${JSON.stringify(measured)}\n`);
