/**
 * How many invocations of a function may run at a time, how many it can always run, and how many
 * instances of it are kept ready. What is kept for a function and not in use is withheld from
 * others.
 */
import { BallastError } from '../model/errors.js';
import type { FunctionRecord, RevisionName } from '../model/function.js';
import { isRetired, type Retirement } from './retirement.js';

/** What there is of a function. */
export interface Presence {
  /** Instances, whatever they do, but for those that are being evicted. */
  readonly instances: number;
  readonly idle: number;
}

interface Entry {
  /** Invocations at a time; null without a bound. */
  reserved: number | null;
  /** What one instance of the function's own size is charged. */
  reservedChargeMib: number;
  /** Instances to be kept ready, by revision. */
  readonly provisioned: Map<string, Provision>;
  presence: Presence;
}

export interface Provision {
  readonly fn: FunctionRecord;
  readonly count: number;
  readonly chargeMib: number;
}

const nobody: Presence = { instances: 0, idle: 0 };

export class Concurrency {
  /** What must be left for functions that nothing is kept for. */
  readonly #commonMib: number;
  readonly #budgetMib: number;
  readonly #entries = new Map<string, Entry>();
  /** Invocations that have not ended, by their function. */
  readonly #inFlight = new Map<string, number>();
  #withheldMib = 0;

  constructor(budgetMib: number, commonMib: number) {
    this.#budgetMib = budgetMib;
    this.#commonMib = commonMib;
  }

  /**
   * Lets at most so many invocations of the function run at a time, and keeps room for as many.
   * Null takes the bound away.
   * @param chargeMib What one instance of the function's own size is charged
   * @throws BallastError INVALID_PARAMETER where the budget cannot keep so much; nothing changed
   */
  reserve(functionName: string, reserved: number | null, chargeMib: number): void {
    const entry = this.#entryOf(functionName);
    this.#change(functionName, { ...entry, reserved, reservedChargeMib: chargeMib });
  }

  /**
   * Has so many instances of the function's revision kept ready; 0 for none.
   * @throws BallastError INVALID_PARAMETER where the budget cannot keep so much; nothing changed
   */
  provision(fn: FunctionRecord, count: number, chargeMib: number): void {
    const entry = this.#entryOf(fn.functionName);
    const provisioned = new Map(entry.provisioned);
    if (count > 0) provisioned.set(fn.revisionId, { fn, count, chargeMib });
    else provisioned.delete(fn.revisionId);
    this.#change(fn.functionName, { ...entry, provisioned });
  }

  /** Keeps nothing ready of what is of the past, and no room for a function that is no more. */
  retire(retirement: Retirement): void {
    const { functionName, version, keepRevisionId } = retirement;
    const entry = this.#entries.get(functionName);
    if (entry === undefined) return;
    const kept = [...entry.provisioned].filter(([, { fn }]) => !isRetired(fn, retirement));
    const reserved = version === null && keepRevisionId === null ? null : entry.reserved;
    this.#replace(functionName, { ...entry, reserved, provisioned: new Map(kept) });
  }

  /**
   * Notes an invocation; `ended` has to follow.
   * @throws BallastError CONCURRENCY_EXCEEDED where as many run as may; it is not noted then
   */
  admit(functionName: string): void {
    const inFlight = this.#inFlight.get(functionName) ?? 0;
    const reserved = this.#entries.get(functionName)?.reserved ?? null;
    if (reserved === null || inFlight < reserved) {
      this.#inFlight.set(functionName, inFlight + 1);
      return;
    }
    const message =
      reserved === 0
        ? `${functionName} has a reserved concurrency of 0: nothing of it is run. Raise it.`
        : `${reserved} invocations of ${functionName} run or wait, which is its reserved ` +
          'concurrency. Try again when one has ended, or raise it.';
    throw new BallastError('CONCURRENCY_EXCEEDED', message, { retryAfterSeconds: 1 });
  }

  /** Notes the end of an invocation that was admitted. */
  ended(functionName: string): void {
    const inFlight = (this.#inFlight.get(functionName) ?? 1) - 1;
    if (inFlight === 0) this.#inFlight.delete(functionName);
    else this.#inFlight.set(functionName, inFlight);
  }

  /** Of the budget, what is kept for functions and not in use. */
  get withheldMib(): number {
    return this.#withheldMib;
  }

  /** Whether anything is kept for the function. */
  isKept(functionName: string): boolean {
    return this.#entries.has(functionName);
  }

  /** Notes what there is of a function that something is kept for. */
  noted(functionName: string, presence: Presence): void {
    const entry = this.#entries.get(functionName);
    if (entry === undefined) return;
    this.#withheldMib -= withheldMib(entry);
    entry.presence = presence;
    this.#withheldMib += withheldMib(entry);
  }

  /** Of the budget, what a function must leave to others. */
  withheldFrom(functionName: string): number {
    return this.#withheldMib - this.ownMib(functionName);
  }

  /** Of the budget, what is kept for a function and not in use. */
  ownMib(functionName: string): number {
    const entry = this.#entries.get(functionName);
    return entry === undefined ? 0 : withheldMib(entry);
  }

  /** How many of a function's idle instances are kept, whoever else needs the room. */
  protectedIdle(functionName: string): number {
    const entry = this.#entries.get(functionName);
    if (entry === undefined) return 0;
    const { instances, idle } = entry.presence;
    return Math.min(idle, Math.max(0, keptCount(entry) - (instances - idle)));
  }

  provisions(): readonly Provision[] {
    return [...this.#entries.values()].flatMap(({ provisioned }) => [...provisioned.values()]);
  }

  provisionOf(fn: RevisionName): number {
    return this.#entries.get(fn.functionName)?.provisioned.get(fn.revisionId)?.count ?? 0;
  }

  #entryOf(functionName: string): Entry {
    const fresh = {
      reserved: null,
      reservedChargeMib: 0,
      provisioned: new Map(),
      presence: nobody,
    };
    return this.#entries.get(functionName) ?? fresh;
  }

  #change(functionName: string, entry: Entry): void {
    const others = [...this.#entries].filter(([name]) => name !== functionName);
    const othersMib = others.reduce((sum, [, other]) => sum + keptMib(other), 0);
    const availableMib = Math.max(0, this.#budgetMib - this.#commonMib - othersMib);
    const hasMib = keptMib(this.#entryOf(functionName));
    if (keptMib(entry) > Math.max(availableMib, hasMib)) {
      throw new BallastError(
        'INVALID_PARAMETER',
        `To keep ${keptCount(entry)} instances for ${functionName} takes ${keptMib(entry)} MiB; ` +
          `${availableMib} MiB of the budget can be kept for it. Keep fewer, keep less for ` +
          'others, or give the service a larger BALLAST_MEMORY_MIB.',
      );
    }
    this.#replace(functionName, entry);
  }

  #replace(functionName: string, entry: Entry): void {
    const before = this.#entries.get(functionName);
    if (before !== undefined) this.#withheldMib -= withheldMib(before);
    if (entry.reserved === null && entry.provisioned.size === 0) {
      this.#entries.delete(functionName);
      return;
    }
    this.#entries.set(functionName, entry);
    this.#withheldMib += withheldMib(entry);
  }
}

function provisionedCount({ provisioned }: Entry): number {
  return [...provisioned.values()].reduce((sum, { count }) => sum + count, 0);
}

/** Provisioned instances are among those that are reserved. */
function keptCount(entry: Entry): number {
  return Math.max(entry.reserved ?? 0, provisionedCount(entry));
}

/** What one more instance is charged: no less than that of any revision. */
function chargeMibOf({ reserved, reservedChargeMib, provisioned }: Entry): number {
  const charges = [...provisioned.values()].map(({ chargeMib }) => chargeMib);
  return Math.max(reserved === null ? 0 : reservedChargeMib, ...charges);
}

function keptMib(entry: Entry): number {
  return keptCount(entry) * chargeMibOf(entry);
}

function withheldMib(entry: Entry): number {
  return Math.max(0, keptCount(entry) - entry.presence.instances) * chargeMibOf(entry);
}
