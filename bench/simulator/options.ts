/** What the simulator is asked for on the command line. */
import { Command, InvalidArgumentError } from 'commander';
import { limits } from '../../src/model/limits.js';
import { keepAliveForms } from '../../src/scheduler/keepAlive.js';
import { type Contender, contenderOf, defaultPolicies } from './contender.js';
import { costs } from './costs.js';

export interface Options {
  readonly trace: string;
  readonly budgetMib: number;
  readonly maxMib: number;
  readonly heldMib: number;
  readonly seed: number;
  readonly contenders: readonly Contender[];
  readonly svg: string | null;
  readonly json: string | null;
}

interface Parsed {
  readonly trace: string;
  readonly budgetMib: number;
  readonly maxMemoryMib: number;
  readonly heldMib: number;
  readonly seed: number;
  readonly policy?: readonly Contender[];
  readonly svg?: string;
  readonly json?: string;
}

/** The most memory that a host has, and more seeds than anybody tries. */
const maxBudgetMib = 64 * 1024 * 1024;
const maxSeed = 2 ** 31 - 1;

/** @throws CommanderError where something is missing or not allowed */
export function parseOptions(argv: readonly string[]): Options {
  const { minMemoryMib, maxMemoryMib } = limits;
  const program = new Command('simulate')
    .description('Replays a day of a trace under several policies of keeping instances.')
    .requiredOption(
      '--trace <prefix>',
      'PREFIX of PREFIX_inv.csv, _run.csv and _mem.csv, or a directory',
    )
    .requiredOption('--budget-mib <n>', 'memory of the host', whole(1024, maxBudgetMib))
    .option('--policy <policy>', `${keepAliveForms}; several times, for several`, addContender)
    .option('--seed <n>', 'another one draws other calls', whole(0, maxSeed), 1)
    .option(
      '--max-memory-mib <n>',
      'largest instance',
      whole(minMemoryMib, maxMemoryMib),
      maxMemoryMib,
    )
    .option('--held-mib <n>', 'held between calls', whole(0, maxMemoryMib), costs.heldMib)
    .option('--svg <file>', 'write the picture there')
    .option('--json <file>', 'write the numbers there')
    .exitOverride();
  const parsed = program.parse(argv, { from: 'user' }).opts<Parsed>();
  return {
    trace: parsed.trace,
    budgetMib: parsed.budgetMib,
    maxMib: parsed.maxMemoryMib,
    heldMib: parsed.heldMib,
    seed: parsed.seed,
    contenders: parsed.policy ?? defaultPolicies.map(contenderOf),
    svg: parsed.svg ?? null,
    json: parsed.json ?? null,
  };
}

function whole(minimum: number, maximum: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= minimum && value <= maximum) return value;
    throw new InvalidArgumentError(`Allowed: whole numbers from ${minimum} to ${maximum}.`);
  };
}

function addContender(text: string, others: readonly Contender[] = []): readonly Contender[] {
  try {
    return [...others, contenderOf(text)];
  } catch (error) {
    throw new InvalidArgumentError((error as RangeError).message);
  }
}
