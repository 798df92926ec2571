/** The service's configuration, out of the environment. A bad value is one line of complaint. */
import { freemem, homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { BallastError } from './model/errors.js';
import { limits } from './model/limits.js';
import type { AcceleratorWish } from './pool/accelerator.js';

export interface Config {
  readonly listen: ListenAddress;
  readonly stateDir: string;
  readonly libvirtUri: string;
  readonly accelerator: AcceleratorWish;
  readonly budgetMib: number;
}

export type ListenAddress =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

export interface ConfigFacts {
  readonly isRoot: boolean;
  readonly home: string;
  readonly availableMib: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

const loopback = /^(localhost|127(?:\.\d{1,3}){3}|::1|\[::1\])$/;

/** @throws BallastError BAD_CONFIGURATION that names the variable, the value and what is allowed */
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
  const unix = /^unix:(\/.*)$/.exec(value);
  if (unix?.[1] !== undefined) return { kind: 'unix', path: unix[1] };
  const tcp = /^(.+):(\d{1,5})$/.exec(value);
  if (tcp?.[1] === undefined || Number(tcp[2]) > 65_535) {
    throw bad('BALLAST_LISTEN', value, allowed);
  }
  if (!loopback.test(tcp[1])) {
    throw bad('BALLAST_LISTEN', value, `${allowed}: without access keys nobody else may call it`);
  }
  return { kind: 'tcp', host: tcp[1].replace(/^\[|\]$/g, ''), port: Number(tcp[2]) };
}

function stateDirOf(env: Environment, facts: ConfigFacts): string {
  const given = env.BALLAST_STATE_DIR;
  if (given !== undefined) {
    if (!isAbsolute(given)) throw bad('BALLAST_STATE_DIR', given, 'an absolute path');
    return given;
  }
  if (facts.isRoot) return '/var/lib/ballast';
  return join(env.XDG_STATE_HOME ?? join(facts.home, '.local', 'state'), 'ballast');
}

function libvirtUri(given: string | undefined, stateDir: string): string {
  const uri = given ?? `qemu:///embed?root=${join(stateDir, 'libvirt')}`;
  if (!/^qemu(\+\w+)?:\/\//.test(uri)) {
    throw bad('BALLAST_LIBVIRT_URI', uri, 'a URI of the QEMU driver, such as qemu:///system');
  }
  return uri;
}

function accelerator(value: string): AcceleratorWish {
  if (value === 'auto' || value === 'kvm' || value === 'tcg') return value;
  throw bad('BALLAST_ACCEL', value, 'auto, kvm or tcg');
}

function budgetMib(given: string | undefined, facts: ConfigFacts): number {
  if (given === undefined) return Math.floor(facts.availableMib * 0.75);
  const allowed = `whole MiB, at least ${smallestBudgetMib}`;
  if (!/^\d{1,9}$/.test(given) || Number(given) < smallestBudgetMib) {
    throw bad('BALLAST_MEMORY_MIB', given, allowed);
  }
  return Number(given);
}

/** One instance of the smallest size, with its floor and QEMU's own memory, must fit. */
const smallestBudgetMib = limits.minMemoryMib * 4;

function bad(name: string, value: string, allowed: string): BallastError {
  return new BallastError('BAD_CONFIGURATION', `${name}=${value} is not allowed: ${allowed}.`);
}
