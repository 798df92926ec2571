/** The shells that are kept ready, for each template as many as it is to have. */
import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import type { Domain } from '../../../lib/index.js';
import type { Accounts } from '../accounts.js';
import type { Template } from '../template/template.js';
import type { PrepareOrder } from './prepare.js';
import { endShell, type Shell, type ShellRules, startShell } from './shell.js';

/** How shells are prepared beyond their start. */
export type Prepare = (shell: Shell, order: PrepareOrder) => Promise<Shell>;

/** The instance that is being started comes first: to start a machine beside it slows it down. */
const afterTakeMs = 500;

/** What could not be refilled is tried again after so long: a failed shell, a full budget. */
const retryMs = 5_000;

export interface RackOptions {
  readonly rules: ShellRules;
  /** Null where a start by a bare shell is as fast. */
  readonly prepare: Prepare | null;
  readonly accounts: Accounts;
  /** What a shell takes of the host's memory. */
  readonly shellMib: number;
  readonly logger: Logger;
  readonly onStray: (domain: Domain) => void;
}

interface Slot {
  readonly template: Template;
  readonly ready: Shell[];
  wanted: number;
  failedAtMs: number;
}

export class ShellRack {
  readonly #options: RackOptions;
  readonly #slots = new Map<string, Slot>();
  readonly #ending = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  #filling: Promise<void> | null = null;
  #retry: { readonly atMs: number; readonly timer: NodeJS.Timeout } | null = null;

  constructor(options: RackOptions) {
    this.#options = options;
  }

  /** What those that are being ended will free. */
  get endingMib(): number {
    return this.#ending.size * this.#options.shellMib;
  }

  /** How many the template has ready. */
  countOf(template: Template): number {
    return this.#slots.get(template.key)?.ready.length ?? 0;
  }

  /** Keeps so many ready from now on, as far as the budget has room; refills in the background. */
  keep(template: Template, wanted: number): void {
    const slot = this.#slots.get(template.key) ?? newSlot(template);
    this.#slots.set(template.key, slot);
    slot.wanted = wanted;
    while (slot.ready.length > wanted) this.#end(slot.ready.pop() as Shell);
    this.fill();
  }

  /** The template is of no more use, and neither are its shells. */
  drop(template: Template): void {
    const slot = this.#slots.get(template.key);
    this.#slots.delete(template.key);
    for (const shell of slot?.ready ?? []) this.#end(shell);
  }

  /** Ends ready shells until so much of the budget came free, or none is left. */
  yieldMib(neededMib: number): void {
    let missingMib = neededMib;
    for (const { ready } of this.#slots.values()) {
      while (missingMib > 0 && ready.length > 0) {
        this.#end(ready.pop() as Shell);
        missingMib -= this.#options.shellMib;
      }
    }
    this.#fillLater();
  }

  /**
   * A ready shell, or one that is started now. It is the caller's from then on, and charged to the
   * caller's account.
   */
  async take(template: Template): Promise<Shell> {
    const ready = this.#slots.get(template.key)?.ready.shift();
    if (ready !== undefined) {
      this.#options.accounts.close(ready.shellId);
      this.#fillIn(afterTakeMs);
      return ready;
    }
    return startShell(this.#options.rules, template, shellId(), this.#options.onStray);
  }

  /** Starts what is missing, one after the other. */
  fill(): void {
    if (this.#closing.signal.aborted) return;
    this.#filling ??= this.#fillAll().finally(() => {
      this.#filling = null;
      this.#fillLater();
    });
  }

  /**
   * Takes what is ready over to a connection to libvirt that was opened anew.
   * @param find The domain as that connection knows it; null for one that has ended
   */
  async rebind(find: (uuid: string) => Promise<Domain | null>): Promise<void> {
    for (const { ready } of this.#slots.values()) {
      for (const shell of ready.splice(0)) {
        const domain = await find(shell.domain.uuid);
        if (domain === null) this.#end({ ...shell, domain });
        else ready.push({ ...shell, domain });
      }
    }
    this.fill();
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('No shells are kept any more.'));
    if (this.#retry !== null) clearTimeout(this.#retry.timer);
    await this.#filling;
    for (const { ready } of this.#slots.values()) {
      for (const shell of ready.splice(0)) this.#end(shell);
    }
    await Promise.all(this.#ending);
  }

  async #fillAll(): Promise<void> {
    for (;;) {
      const slot = [...this.#slots.values()].find((one) => this.#lacks(one) && mayTry(one));
      if (slot === undefined || !(await this.#add(slot))) return;
    }
  }

  /** Nobody says when the budget has room again, or what failed would not. */
  #fillLater(): void {
    if ([...this.#slots.values()].some((one) => this.#lacks(one))) this.#fillIn(retryMs);
  }

  /** Unless that is to be sooner. */
  #fillIn(delayMs: number): void {
    const atMs = performance.now() + delayMs;
    if (this.#retry !== null && this.#retry.atMs <= atMs) return;
    if (this.#retry !== null) clearTimeout(this.#retry.timer);
    const timer = setTimeout(() => {
      this.#retry = null;
      this.fill();
    }, delayMs).unref();
    this.#retry = { atMs, timer };
  }

  #lacks({ ready, wanted }: Slot): boolean {
    return !this.#closing.signal.aborted && ready.length < wanted;
  }

  /** False where the budget has no room. */
  async #add(slot: Slot): Promise<boolean> {
    const { rules, accounts, shellMib, logger, onStray } = this.#options;
    const id = shellId();
    if (!accounts.reserve(id, shellMib)) return false;
    try {
      const shell = await this.#prepared(slot, await startShell(rules, slot.template, id, onStray));
      accounts.settle(id, shellMib);
      if (this.#slots.get(slot.template.key) === slot) slot.ready.push(shell);
      else this.#end(shell);
    } catch (error) {
      accounts.close(id);
      slot.failedAtMs = performance.now();
      logger.warn({ err: error }, 'shell could not be started');
    }
    return true;
  }

  async #prepared(slot: Slot, shell: Shell): Promise<Shell> {
    const { prepare, onStray } = this.#options;
    if (prepare === null) return shell;
    const { signal } = this.#closing;
    try {
      return await prepare(shell, { signal, onLost: () => this.#lost(slot, shell.shellId) });
    } catch (error) {
      await endShell(shell, onStray);
      throw error;
    }
  }

  /** One that waits for its function has ended by itself. */
  #lost({ ready }: Slot, shellId: string): void {
    const at = ready.findIndex((shell) => shell.shellId === shellId);
    for (const shell of at === -1 ? [] : ready.splice(at, 1)) this.#end(shell);
    this.fill();
  }

  #end(shell: Omit<Shell, 'domain'> & { readonly domain: Domain | null }): void {
    const ending = endShell(shell, this.#options.onStray).finally(() => {
      this.#options.accounts.close(shell.shellId);
      this.#ending.delete(ending);
    });
    this.#ending.add(ending);
    ending.catch(() => {});
  }
}

function newSlot(template: Template): Slot {
  return { template, ready: [], wanted: 0, failedAtMs: Number.NEGATIVE_INFINITY };
}

function mayTry({ failedAtMs }: Slot): boolean {
  return performance.now() - failedAtMs >= retryMs;
}

function shellId(): string {
  return `s-${randomBytes(6).toString('hex')}`;
}
