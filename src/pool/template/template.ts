/** A template that is whole: what a shell loads to become an instance. */
import { join } from 'node:path';
import type { RamFile } from '../domainXml.js';
import { scratchPathIn, unpackScratch } from '../scratch.js';
import type { StartMethod } from '../startMethod.js';
import { ramName, scratchName, stateName } from './build.js';
import { allocatedMib, type TemplateManifest } from './manifest.js';
import { type QemuIds, RamHolder } from './ramHolder.js';
import type { Subject } from './subject.js';

export interface TemplateParts {
  readonly dir: string;
  readonly manifest: TemplateManifest;
  readonly subject: Subject;
  readonly method: StartMethod;
  /** `ballast-ram`; null where templates are not cloned. */
  readonly ramProgram: string | null;
  /** The most that the sealed copy may take of the host's memory. */
  readonly maxMemoryMib: number;
  readonly qemuIds: QemuIds | null;
}

export class Template {
  readonly key: string;
  readonly method: StartMethod;
  readonly subject: Subject;
  /** What of the host's memory its sealed copy takes; 0 where there is none. */
  readonly memoryMib: number;
  readonly #parts: TemplateParts;
  #holder: Promise<RamHolder | null> = Promise.resolve(null);
  #isClosed = false;

  private constructor(parts: TemplateParts, memoryMib: number) {
    this.#parts = parts;
    this.key = parts.manifest.key;
    this.method = parts.method;
    this.subject = parts.subject;
    this.memoryMib = memoryMib;
  }

  /** Makes the copy that clones map, where there is to be one. */
  static async open(parts: TemplateParts): Promise<Template> {
    const isMapped = parts.ramProgram !== null && parts.method === 'clone';
    const memoryMib = isMapped ? await allocatedMib(join(parts.dir, ramName)) : 0;
    if (memoryMib > parts.maxMemoryMib) {
      const most = `the ${parts.maxMemoryMib} MiB that the budget sets aside for it`;
      throw new Error(`the memory of the template takes ${memoryMib} MiB, more than ${most}`);
    }
    await unpackScratch(parts.dir, scratchName);
    const template = new Template(parts, memoryMib);
    await template.ram();
    return template;
  }

  /** The function's code where the guest has it already; null where it comes with the function. */
  get taskPath(): string | null {
    return this.subject.kind === 'function' ? this.subject.fn.code.imagePath : null;
  }

  get statePath(): string {
    return join(this.#parts.dir, stateName);
  }

  get scratchPath(): string {
    return scratchPathIn(this.#parts.dir);
  }

  get buildMs(): number {
    return this.#parts.manifest.buildMs;
  }

  /**
   * The memory that a new shell maps; null where it reads all of it.
   * @throws Error where the copy cannot be made, or the template is closed
   */
  async ram(): Promise<RamFile | null> {
    const { ramProgram, method } = this.#parts;
    if (ramProgram === null || method !== 'clone') return null;
    // Each waits for the one before, so that two that find the process gone make one new copy.
    const before = this.#holder;
    const holding = before.catch(() => null).then((present) => this.#held(ramProgram, present));
    this.#holder = holding;
    return { path: (await holding).path, isShared: false };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const holder = await this.#holder.catch(() => null);
    await holder?.close();
  }

  /** The holder that there is, or another: somebody may have ended its process. */
  async #held(ramProgram: string, present: RamHolder | null): Promise<RamHolder> {
    if (this.#isClosed) throw new Error(`the template ${this.key} is not used any more`);
    if (present?.isAlive === true) return present;
    const { dir, qemuIds } = this.#parts;
    return RamHolder.open(ramProgram, join(dir, ramName), qemuIds);
  }
}
