/**
 * The templates of this service, one for each runtime and each function that is snapshotted: found
 * or built, one at a time.
 */
import { chmod, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Domain } from '../../../lib/index.js';
import { BallastError } from '../../model/errors.js';
import type { TemplateView } from '../../model/template.js';
import type { Accounts } from '../accounts.js';
import { type BuildRules, buildTemplate } from './build.js';
import { isIntact, readManifest, type TemplateManifest } from './manifest.js';
import { type Subject, subjectKey, subjectName } from './subject.js';
import { Template } from './template.js';

/** A build that failed is not tried again for so long, unless somebody asks for it. */
const retryMs = 60_000;

export interface TemplatesOptions {
  readonly dir: string;
  /** As `groundKey` gives it. */
  readonly ground: string;
  /** All that templates are kept of; those of anything else are removed. */
  readonly subjects: readonly Subject[];
  readonly build: BuildRules;
  /** `ballast-ram`; null where templates are not cloned. */
  readonly ramProgram: string | null;
  /** The most that a sealed copy may take of the host's memory: the budget counts on it. */
  readonly maxMemoryMib: number;
  /** What functions' templates are charged to; the runtimes' are charged already. */
  readonly accounts: Accounts;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly onStray: (domain: Domain) => void;
}

interface Entry {
  readonly name: string;
  readonly subject: Subject;
  template: Template | null;
  making: Promise<Template> | null;
  /** While it is looked for on the disk, where one service leaves it to the next. */
  finding: Promise<Template | null> | null;
  stage: string;
  error: string | null;
  failedAtMs: number;
  /** Whether it was discarded since it was built: whole files are no proof that it works. */
  isSuspect: boolean;
}

export class Templates {
  readonly #options: TemplatesOptions;
  readonly #entries = new Map<string, Entry>();
  /** The end of the last build: more than one at a time would only slow each other down. */
  #last: Promise<unknown> = Promise.resolve();
  /** Called when a template came to be. Set once, by whoever wires the rooms. */
  onReady: (template: Template) => void = () => {};
  /** Called when a template is of no more use. */
  onGone: (template: Template) => void = () => {};

  private constructor(options: TemplatesOptions) {
    this.#options = options;
  }

  /** Removes what a killed service left half-made, and templates of what has changed since. */
  static async open(options: TemplatesOptions): Promise<Templates> {
    const { dir, ground, subjects } = options;
    const keys = new Set(subjects.map((subject) => subjectKey(ground, subject)));
    await mkdir(dir, { recursive: true });
    await chmod(dir, 0o711);
    for (const name of await readdir(dir)) {
      if (keys.has(name)) continue;
      await rm(join(dir, name), { recursive: true, force: true });
    }
    return new Templates(options);
  }

  /** The subject's template if it is at hand; never waits. */
  ready(subject: Subject): Template | null {
    const template = this.#entries.get(subjectName(subject))?.template ?? null;
    // A function that was deleted and created again has versions of the same name.
    return template?.key === subjectKey(this.#options.ground, subject) ? template : null;
  }

  /**
   * The subject's template if it is made, be it on the disk only: to look at that takes a second
   * where to boot takes ten. Never waits for one to be built, and never fails.
   */
  async find(subject: Subject): Promise<Template | null> {
    const entry = this.#entryOf(subject);
    const isBeingBuilt = entry.making !== null && entry.finding === null;
    if (entry.template !== null || isBeingBuilt || hasJustFailed(entry)) return entry.template;
    return this.#found(entry).catch((error: unknown) => {
      if (!this.#options.signal.aborted) this.#failed(entry, error);
      return null;
    });
  }

  /** What each template that was ever asked for is at. */
  views(readyShellsOf: (template: Template) => number): TemplateView[] {
    return [...this.#entries.values()].filter(isAskedFor).map((entry) => ({
      ...viewOf(entry),
      readyShells: entry.template === null ? 0 : readyShellsOf(entry.template),
    }));
  }

  /** Has the template made, unless that is under way or has just failed. Never fails. */
  prepare(subject: Subject): void {
    if (hasJustFailed(this.#entryOf(subject))) return;
    this.ensure(subject).catch(() => {});
  }

  /** @throws BallastError TEMPLATE_FAILED, VERSION_FAILED, SHUTTING_DOWN */
  ensure(subject: Subject): Promise<Template> {
    const entry = this.#entryOf(subject);
    if (entry.template !== null) return Promise.resolve(entry.template);
    entry.making ??= this.#make(entry).finally(() => {
      entry.making = null;
    });
    return entry.making;
  }

  /**
   * Whatever came of it cannot be used: it is looked at again, and built anew if it is damaged. If
   * it was whole and is discarded once more, it is removed and counts as failed.
   */
  async discard(template: Template): Promise<void> {
    const entry = this.#entries.get(subjectName(template.subject));
    if (entry?.template !== template) return;
    entry.template = null;
    this.onGone(template);
    const removed = entry.isSuspect ? this.#remove(entry, template) : null;
    entry.isSuspect = true;
    await this.#close(template);
    await removed;
  }

  /** Whoever looks for it meanwhile waits, and finds nothing. */
  #remove(entry: Entry, { key }: Template): Promise<unknown> {
    this.#failed(entry, new Error('no instance could be started from it, twice'));
    const { dir, logger } = this.#options;
    entry.finding = rm(join(dir, key), { recursive: true, force: true })
      .catch((err: unknown) => logger.warn({ of: entry.name, err }, 'template cannot be removed'))
      .then(() => null)
      .finally(() => {
        entry.finding = null;
      });
    return entry.finding;
  }

  /** Removes what there is of a function's versions, or of one. */
  async forget(functionName: string, version: string | null): Promise<void> {
    for (const [name, { subject, template, making, finding }] of this.#entries) {
      if (subject.kind !== 'function' || subject.fn.functionName !== functionName) continue;
      if (version !== null && subject.fn.version !== version) continue;
      this.#entries.delete(name);
      const made = template ?? (await (making ?? finding)?.catch(() => null)) ?? null;
      if (made === null) continue;
      this.onGone(made);
      await this.#close(made);
      await rm(join(this.#options.dir, made.key), { recursive: true, force: true });
    }
  }

  async close(): Promise<void> {
    const entries = [...this.#entries.values()];
    await Promise.allSettled(entries.flatMap(({ making, finding }) => [making, finding]));
    await Promise.all(entries.map(({ template }) => template?.close()));
  }

  async #close(template: Template): Promise<void> {
    this.#options.accounts.close(accountOf(template.key));
    await template.close();
  }

  #entryOf(subject: Subject): Entry {
    const name = subjectName(subject);
    const known = this.#entries.get(name);
    const isSame = known !== undefined && subjectKey('', known.subject) === subjectKey('', subject);
    if (isSame) return known;
    const entry: Entry = {
      name,
      subject,
      template: null,
      making: null,
      finding: null,
      stage: 'waiting',
      error: null,
      failedAtMs: Number.NEGATIVE_INFINITY,
      isSuspect: false,
    };
    this.#entries.set(name, entry);
    return entry;
  }

  async #make(entry: Entry): Promise<Template> {
    try {
      return (await this.#found(entry)) ?? (await this.#buildInTurn(entry));
    } catch (cause) {
      this.#options.signal.throwIfAborted();
      this.#failed(entry, cause);
      if (cause instanceof BallastError && cause.code === 'VERSION_FAILED') throw cause;
      const message = `The template of ${entry.name} could not be made: ${entry.error}`;
      throw new BallastError('TEMPLATE_FAILED', message, { cause });
    }
  }

  #failed(entry: Entry, cause: unknown): void {
    entry.failedAtMs = performance.now();
    entry.error = cause instanceof Error ? cause.message : String(cause);
    this.#options.logger.warn({ of: entry.name, err: cause }, 'template could not be made');
  }

  #found(entry: Entry): Promise<Template | null> {
    entry.finding ??= this.#openFound(entry).finally(() => {
      entry.finding = null;
    });
    return entry.finding;
  }

  async #openFound(entry: Entry): Promise<Template | null> {
    const { dir, ground, signal } = this.#options;
    signal.throwIfAborted();
    entry.stage = 'checking what there is';
    const place = join(dir, subjectKey(ground, entry.subject));
    const manifest = await this.#intactManifest(place);
    return manifest === null ? null : this.#use(entry, place, manifest);
  }

  #buildInTurn(entry: Entry): Promise<Template> {
    entry.stage = 'waiting';
    const turn = this.#last.then(() => this.#build(entry));
    this.#last = turn.catch(() => {});
    return turn;
  }

  async #build(entry: Entry): Promise<Template> {
    const { dir, ground, build, logger, signal, onStray } = this.#options;
    signal.throwIfAborted();
    const { name, subject } = entry;
    const key = subjectKey(ground, subject);
    const place = join(dir, key);
    const onStage = (stage: string) => {
      entry.stage = stage;
      logger.info({ of: name, stage }, 'building a template');
    };
    const order = { key, subject, dir: place, onStage, onStray, signal };
    const manifest = await buildTemplate(build, order);
    entry.isSuspect = false;
    logger.info({ of: name, key, buildMs: manifest.buildMs }, 'template built');
    return this.#use(entry, place, manifest);
  }

  async #use(entry: Entry, dir: string, manifest: TemplateManifest): Promise<Template> {
    const template = await this.#open(entry.subject, dir, manifest);
    entry.template = template;
    entry.error = null;
    this.onReady(template);
    return template;
  }

  async #open(subject: Subject, dir: string, manifest: TemplateManifest): Promise<Template> {
    const { build, ramProgram, maxMemoryMib, accounts } = this.#options;
    const { method, qemuIds } = build;
    const account = accountOf(manifest.key);
    const isCharged = subject.kind === 'function' && method === 'clone';
    if (isCharged && !accounts.reserve(account, maxMemoryMib)) {
      throw new Error(`the budget has no room for the ${maxMemoryMib} MiB that it may take`);
    }
    try {
      const parts = { dir, manifest, subject, method, ramProgram, maxMemoryMib, qemuIds };
      const template = await Template.open(parts);
      if (isCharged) accounts.settle(account, template.memoryMib);
      return template;
    } catch (error) {
      accounts.close(account);
      throw error;
    }
  }

  /** One whose bytes are not those that it was made of is never used. */
  async #intactManifest(place: string): Promise<TemplateManifest | null> {
    const manifest = await readManifest(place);
    if (manifest === null) return null;
    if (await isIntact(place, manifest)) return manifest;
    this.#options.logger.warn({ template: place }, 'template is damaged, so it is built anew');
    await rm(place, { recursive: true, force: true });
    return null;
  }
}

function hasJustFailed({ failedAtMs }: Entry): boolean {
  return performance.now() - failedAtMs < retryMs;
}

/** One that was looked for only is none. */
function isAskedFor({ template, making, error }: Entry): boolean {
  return template !== null || making !== null || error !== null;
}

function accountOf(key: string): string {
  return `t-${key}`;
}

function viewOf({ name, subject, template, making, stage, error }: Entry) {
  const state: TemplateView['state'] =
    making !== null ? 'building' : template !== null ? 'ready' : 'failed';
  return {
    of: name,
    kind: subject.kind,
    state,
    stage: state === 'building' ? stage : null,
    error: state === 'failed' ? error : null,
    key: template?.key ?? null,
    memoryMib: template?.memoryMib ?? 0,
    buildMs: template?.buildMs ?? null,
  };
}
