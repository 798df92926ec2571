import { call } from './call.js';
import { type Domain, unwrapDomain } from './domain.js';
import type { EventDomain } from './events.js';
import { type FlagOptions, listBits, statsBits, toFlags } from './flags.js';
import type { NativeConnection } from './native-connection.js';
import { nestParams } from './typed-params.js';

/** `virDomainStatsTypes` */
const groupBits = {
  state: 1,
  cpu: 2,
  balloon: 4,
  vcpu: 8,
  interface: 16,
  block: 32,
  perf: 64,
  iothread: 128,
  memory: 256,
  dirtyRate: 512,
  vm: 1024,
} as const;

/** A group of statistics. */
export type StatsGroup = keyof typeof groupBits;

/** The numbers of a group, by libvirt's names in camel case, and groups below it. */
export interface StatsTree {
  readonly [name: string]: number | string | boolean | StatsTree | readonly StatsTree[] | undefined;
}

/** A group of things, such as disks: each item has its `index`. */
export type StatsItems = StatsTree & { readonly items?: readonly StatsTree[] };

/**
 * What a domain has used and has. Sizes are KiB in `balloon`, otherwise bytes; times are
 * nanoseconds. Counts are numbers, exact up to 2^53.
 */
export interface DomainStats {
  readonly state?: { readonly state: number; readonly reason: number };
  readonly cpu?: StatsTree;
  readonly balloon?: StatsTree & { readonly current?: number; readonly maximum?: number };
  readonly vcpu?: StatsItems & { readonly current?: number; readonly maximum?: number };
  readonly net?: StatsItems & { readonly count?: number };
  readonly block?: StatsItems & { readonly count?: number };
  readonly perf?: StatsTree;
  readonly iothread?: StatsItems & { readonly count?: number };
  readonly memory?: StatsTree;
  readonly dirtyrate?: StatsItems;
  readonly vm?: StatsTree;
}

/** The statistics of one domain. */
export interface StatsRecord {
  readonly domain: EventDomain;
  readonly stats: DomainStats;
}

const filterBits = {
  active: listBits.active,
  inactive: listBits.inactive,
  persistent: listBits.persistent,
  transient: listBits.transient,
  running: listBits.running,
  paused: listBits.paused,
  shutoff: listBits.shutoff,
  otherStates: listBits.otherStates,
  ...statsBits,
} as const;

/**
 * Which statistics of which domains. `noWait` leaves out what a busy domain cannot tell at once;
 * `backing` tells of images below the active one; `enforce` fails on groups that are not supported.
 */
export interface StatsOptions extends FlagOptions<typeof filterBits> {
  /** All that are known, when left out. */
  readonly groups?: readonly StatsGroup[] | undefined;
  /** These domains instead of those that the filters choose. */
  readonly domains?: readonly Domain[] | undefined;
}

function bitOf(group: StatsGroup): number {
  const bit: number | undefined = groupBits[group];
  if (bit !== undefined) return bit;
  throw new RangeError(`a group must be one of ${Object.keys(groupBits).join(', ')}, not ${group}`);
}

/** The statistics of many domains in one call. */
export async function readStats(
  native: NativeConnection,
  options: StatsOptions,
): Promise<StatsRecord[]> {
  const { groups = [], domains = [], signal } = options;
  const bits = new Set(groups.map(bitOf));
  const stats = [...bits].reduce((sum, bit) => sum + bit, 0);
  // Without a domain libvirt would take all of them.
  if (options.domains?.length === 0) return [];
  const handles = domains.map((domain) => [unwrapDomain(domain)] as const);
  const flags = toFlags(filterBits, options);
  const records = await call(signal, (token) => native.domainStats(handles, stats, flags, token));
  return records.map(({ name, uuid, stats: params }) => ({
    domain: { name, uuid },
    stats: nestParams(params) as DomainStats,
  }));
}
