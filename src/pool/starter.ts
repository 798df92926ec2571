/**
 * Starts instances: by a template of their function or runtime where there is one, by a boot where
 * not, or where that fails.
 */
import type { Logger } from 'pino';
import type { Domain } from '../../lib/index.js';
import { BallastError } from '../model/errors.js';
import { type FunctionRecord, isSnapStarted } from '../model/function.js';
import type { TemplateView } from '../model/template.js';
import { type BootOrder, type BootRules, bootInstance } from './boot.js';
import type { InstanceParts } from './instance.js';
import { type LoadRules, loadShell } from './shell/load.js';
import type { ShellRack } from './shell/rack.js';
import { endShell, type Shell } from './shell/shell.js';
import { type Subject, subjectName } from './template/subject.js';
import type { Template } from './template/template.js';
import type { Templates } from './template/templates.js';

/** A template that failed so many instances in a row is discarded. */
const maxFailures = 2;

export interface StarterOptions {
  readonly boot: BootRules;
  readonly load: LoadRules;
  readonly templates: Templates;
  readonly rack: ShellRack;
  /** Kept ready of a template, as long as nobody says more. */
  readonly leastShells: number;
  readonly logger: Logger;
}

export class Starter {
  readonly #options: StarterOptions;
  /** How often templates failed since they last did not, by their key. */
  readonly #failures = new Map<string, number>();

  readonly #endings = new Set<Promise<void>>();

  /** How many shells are to be ready, by the name of their template's subject. */
  readonly #wanted = new Map<string, number>();

  constructor(options: StarterOptions) {
    this.#options = options;
    const { templates, rack, leastShells } = options;
    templates.onReady = (template) => {
      rack.keep(template, this.#wanted.get(subjectName(template.subject)) ?? leastShells);
    };
    templates.onGone = (template) => rack.drop(template);
  }

  get templates(): Templates {
    return this.#options.templates;
  }

  get rack(): ShellRack {
    return this.#options.rack;
  }

  views(): TemplateView[] {
    return this.templates.views((template) => this.rack.countOf(template));
  }

  keepShells(runtime: string, wanted: number): void {
    this.#wanted.set(runtime, wanted);
    const template = this.templates.ready({ kind: 'runtime', runtime });
    if (template !== null) this.rack.keep(template, wanted);
  }

  /** Once no instance is started any more. */
  async close(): Promise<void> {
    await this.rack.close();
    await Promise.all(this.#endings);
    await this.templates.close();
  }

  /** @throws BallastError INSTANCE_START_FAILED; the reason of `order.signal` once it is aborted */
  async start(order: BootOrder): Promise<InstanceParts> {
    const { templates } = this.#options;
    const missing: Subject[] = [];
    try {
      for (const subject of subjectsOf(order.fn)) {
        const template = await templates.find(subject);
        const parts = template === null ? null : await this.#byTemplate(template, order);
        if (parts !== null) return parts;
        missing.push(subject);
      }
      return await this.#boot(order);
    } finally {
      // Not beside the start that a caller waits for, which it would slow down.
      if (!order.signal.aborted) for (const subject of missing) templates.prepare(subject);
    }
  }

  /**
   * A second time where QEMU ended beneath the guest: one that emulates processors crashes now and
   * then, when devices are mapped beside a processor that runs (QEMU before 8.2).
   */
  async #boot(order: BootOrder): Promise<InstanceParts> {
    const { boot, logger } = this.#options;
    try {
      return await bootInstance(boot, order);
    } catch (error) {
      if (!isMachineLost(error)) throw error;
      logger.warn({ instanceId: order.instanceId, err: error }, 'boot failed, so another is tried');
      return bootInstance(boot, order);
    }
  }

  /** Null where the template failed; a boot does not depend on it. */
  async #byTemplate(template: Template, order: BootOrder): Promise<InstanceParts | null> {
    const { rack, load, logger } = this.#options;
    let shell: Shell | null = null;
    try {
      shell = await rack.take(template);
      const parts = await loadShell(load, shell, order);
      this.#failures.delete(template.key);
      return parts;
    } catch (error) {
      if (shell !== null) this.#end(shell, order.onStray);
      order.signal.throwIfAborted();
      const { instanceId } = order;
      const of = subjectName(template.subject);
      logger.warn({ instanceId, of, err: error }, 'template failed, so it is gone without');
      await this.#noteFailure(template);
      return null;
    }
  }

  /** Nobody waits for it but `close`. */
  #end(shell: Shell, onStray: (domain: Domain) => void): void {
    const ending = endShell(shell, onStray)
      .catch((error: unknown) => {
        this.#options.logger.warn({ err: error }, 'what a shell left could not be removed');
      })
      .finally(() => this.#endings.delete(ending));
    this.#endings.add(ending);
  }

  async #noteFailure(template: Template): Promise<void> {
    const failures = (this.#failures.get(template.key) ?? 0) + 1;
    this.#failures.set(template.key, failures);
    if (failures < maxFailures) return;
    this.#failures.delete(template.key);
    await this.#options.templates.discard(template);
  }
}

/** What an instance of the function may begin as a copy of, the best first. */
function subjectsOf(fn: FunctionRecord): readonly Subject[] {
  const runtime: Subject = { kind: 'runtime', runtime: fn.runtime };
  return isSnapStarted(fn) ? [{ kind: 'function', fn }, runtime] : [runtime];
}

function isMachineLost(error: unknown): boolean {
  if (!(error instanceof BallastError)) return false;
  return error.cause instanceof BallastError && error.cause.code === 'INSTANCE_LOST';
}
