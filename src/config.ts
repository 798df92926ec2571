/** The service's configuration, out of the environment. A bad value is one line of complaint. */
import { freemem, homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { isLoopback, type ListenAddress } from './api/index.js';
import type { MechanismWish } from './memory/chooseMechanism.js';
import { mechanisms } from './memory/elastic.js';
import { BallastError } from './model/errors.js';
import { limits } from './model/limits.js';
import type { AcceleratorWish } from './pool/accelerator.js';
import { embedRootOf, embedUriOf } from './pool/embedRoot.js';
import { type StartWish, startMethods } from './pool/startMethod.js';
import { type KeepAlive, keepAliveForms, keepAliveOf } from './scheduler/keepAlive.js';

export interface Config {
  readonly listen: ListenAddress;
  readonly stateDir: string;
  readonly libvirtUri: string;
  readonly accelerator: AcceleratorWish;
  readonly budgetMib: number;
  readonly mechanism: MechanismWish;
  readonly start: StartWish;
  /** The most shells that are kept ready of one template. */
  readonly maxShells: number;
  /** The largest size that a function may have; null leaves it to the mechanism. */
  readonly maxMemoryMib: number | null;
  /** What becomes of idle instances. */
  readonly keepAlive: KeepAlive;
  readonly logLevel: string;
}

export interface ConfigFacts {
  readonly isRoot: boolean;
  readonly home: string;
  readonly availableMib: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** What fits into the kernel's `sockaddr_un` with the zero that ends it. */
const maxSocketPathBytes = 107;

/**
 * @throws BallastError BAD_CONFIGURATION that names the variable, the value and what is allowed;
 * HOST_UNUSABLE when no budget was given and the host has no memory for one
 */
export function readConfig(env: Environment, facts: ConfigFacts): Config {
  if (env.BALLAST_TOKENS !== undefined) {
    throw bad('BALLAST_TOKENS', env.BALLAST_TOKENS, 'unset: access keys are not supported yet');
  }
  const stateDir = stateDirOf(env, facts);
  return {
    listen: listenAddress(env.BALLAST_LISTEN ?? '127.0.0.1:9100'),
    stateDir,
    libvirtUri: libvirtUri(env.BALLAST_LIBVIRT_URI, stateDir),
    accelerator: accelerator(env.BALLAST_ACCEL ?? 'auto'),
    budgetMib: budgetMib(env.BALLAST_MEMORY_MIB, facts),
    mechanism: mechanism(env.BALLAST_MECHANISM ?? 'auto'),
    start: start(env.BALLAST_START ?? 'auto'),
    maxShells: maxShells(env.BALLAST_MAX_SHELLS ?? '8'),
    maxMemoryMib: maxMemoryMib(env.BALLAST_MAX_MEMORY_MIB),
    keepAlive: keepAlive(env.BALLAST_KEEPALIVE ?? 'hybrid'),
    logLevel: logLevel(env.BALLAST_LOG_LEVEL ?? 'info'),
  };
}

export function readConfigFacts(): ConfigFacts {
  return {
    isRoot: process.getuid?.() === 0,
    home: homedir(),
    // Node reads MemAvailable for this on Linux.
    availableMib: Math.floor(freemem() / (1024 * 1024)),
  };
}

function listenAddress(value: string): ListenAddress {
  const allowed = 'host:port (port 0 to 65535) on loopback, or unix:/absolute/path';
  const unix = /^unix:(\/.+)$/.exec(value);
  if (unix?.[1] !== undefined) {
    if (Buffer.byteLength(unix[1]) <= maxSocketPathBytes) return { kind: 'unix', path: unix[1] };
    throw bad('BALLAST_LISTEN', value, `a path of at most ${maxSocketPathBytes} bytes after unix:`);
  }
  const tcp = /^(.+):(\d{1,5})$/.exec(value);
  if (tcp?.[1] === undefined || Number(tcp[2]) > 65_535) {
    throw bad('BALLAST_LISTEN', value, allowed);
  }
  const host = tcp[1].replace(/^\[(.*)\]$/, '$1');
  if (!isLoopback(host)) {
    throw bad('BALLAST_LISTEN', value, `${allowed}: without access keys nobody else may call it`);
  }
  return { kind: 'tcp', host, port: Number(tcp[2]) };
}

function stateDirOf(env: Environment, facts: ConfigFacts): string {
  const given = env.BALLAST_STATE_DIR;
  if (given !== undefined) {
    // The path goes into XML, which has no words for control characters.
    if (isAbsolute(given) && !/\p{Cc}/u.test(given)) return given;
    throw bad('BALLAST_STATE_DIR', given, 'an absolute path without control characters');
  }
  if (facts.isRoot) return '/var/lib/ballast';
  const base = env.XDG_STATE_HOME;
  // The XDG specification: a path that is not absolute is to be ignored.
  const isUsable = base !== undefined && isAbsolute(base);
  return join(isUsable ? base : join(facts.home, '.local', 'state'), 'ballast');
}

function libvirtUri(given: string | undefined, stateDir: string): string {
  if (given === undefined) return embedUriOf(join(stateDir, 'libvirt'));
  const embedded = 'qemu:///embed?root=/absolute/path';
  if (!/^qemu(\+\w+)?:\/\//.test(given)) {
    throw bad('BALLAST_LIBVIRT_URI', given, `a URI of the QEMU driver, such as ${embedded}`);
  }
  if (/^qemu:\/\/\/embed\b/.test(given) && !isAbsolute(embedRootOf(given) ?? '')) {
    throw bad('BALLAST_LIBVIRT_URI', given, `${embedded}, percent-encoded`);
  }
  return given;
}

function accelerator(value: string): AcceleratorWish {
  if (value === 'auto' || value === 'kvm' || value === 'tcg') return value;
  throw bad('BALLAST_ACCEL', value, 'auto, kvm or tcg');
}

function budgetMib(given: string | undefined, facts: ConfigFacts): number {
  if (given === undefined) return defaultBudgetMib(facts);
  if (!/^\d{1,9}$/.test(given) || Number(given) < smallestBudgetMib) {
    throw bad('BALLAST_MEMORY_MIB', given, `whole MiB, at least ${smallestBudgetMib}`);
  }
  return Number(given);
}

function defaultBudgetMib({ availableMib }: ConfigFacts): number {
  const budgetMib = Math.floor(availableMib * 0.75);
  if (budgetMib >= smallestBudgetMib) return budgetMib;
  throw new BallastError(
    'HOST_UNUSABLE',
    `The host has ${availableMib} MiB of memory available; three quarters of it are less than ` +
      `the ${smallestBudgetMib} MiB that one VM takes. Free some, or set BALLAST_MEMORY_MIB.`,
  );
}

function mechanism(value: string): MechanismWish {
  const wishes: readonly MechanismWish[] = ['auto', ...mechanisms];
  const wish = wishes.find((one) => one === value);
  if (wish !== undefined) return wish;
  throw bad('BALLAST_MECHANISM', value, wishes.join(', '));
}

function start(value: string): StartWish {
  const wishes: readonly StartWish[] = ['auto', ...startMethods];
  const wish = wishes.find((one) => one === value);
  if (wish !== undefined) return wish;
  throw bad('BALLAST_START', value, wishes.join(', '));
}

function maxShells(value: string): number {
  if (/^\d{1,3}$/.test(value)) return Number(value);
  throw bad('BALLAST_MAX_SHELLS', value, 'a whole number from 0 to 999');
}

function maxMemoryMib(given: string | undefined): number | null {
  if (given === undefined) return null;
  const { minMemoryMib, maxMemoryMib: most } = limits;
  if (/^\d{1,9}$/.test(given) && Number(given) >= minMemoryMib && Number(given) <= most) {
    return Number(given);
  }
  throw bad('BALLAST_MAX_MEMORY_MIB', given, `whole MiB from ${minMemoryMib} to ${most}`);
}

function keepAlive(value: string): KeepAlive {
  const policy = keepAliveOf(value);
  if (policy !== null) return policy;
  throw bad('BALLAST_KEEPALIVE', value, keepAliveForms);
}

function logLevel(value: string): string {
  const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];
  if (levels.includes(value)) return value;
  throw bad('BALLAST_LOG_LEVEL', value, levels.join(', '));
}

/** One instance of the smallest size, with its floor and QEMU's own memory, must fit. */
const smallestBudgetMib = limits.minMemoryMib * 4;

/** A complaint is one line, whatever the value holds. */
function bad(name: string, value: string, allowed: string): BallastError {
  const shown = value.replace(/\p{Cc}/gu, (character) => JSON.stringify(character).slice(1, -1));
  return new BallastError('BAD_CONFIGURATION', `${name}=${shown} is not allowed: ${allowed}.`);
}
