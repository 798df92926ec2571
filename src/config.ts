/** The service's configuration, out of the environment. A bad value is one line of complaint. */
import { isIPv4 } from 'node:net';
import { freemem, homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { ListenAddress } from './api/index.js';
import { BallastError } from './model/errors.js';
import { limits } from './model/limits.js';
import type { AcceleratorWish } from './pool/accelerator.js';
import { embedRootOf, embedUriOf } from './pool/embedRoot.js';

export interface Config {
  readonly listen: ListenAddress;
  readonly stateDir: string;
  readonly libvirtUri: string;
  readonly accelerator: AcceleratorWish;
  readonly budgetMib: number;
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

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
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
  if (!/^qemu(\+\w+)?:\/\//.test(given)) {
    throw bad('BALLAST_LIBVIRT_URI', given, 'a URI of the QEMU driver, such as qemu:///system');
  }
  if (/^qemu:\/\/\/embed\b/.test(given) && !isAbsolute(embedRootOf(given) ?? '')) {
    const allowed = 'qemu:///embed?root=/absolute/path, percent-encoded';
    throw bad('BALLAST_LIBVIRT_URI', given, allowed);
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
