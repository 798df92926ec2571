/** A template of no guest: its files are there, and hold nothing. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RamFile } from '../../src/pool/domainXml.js';
import type { Subject } from '../../src/pool/template/subject.js';
import type { Template } from '../../src/pool/template/template.js';

export class FakeTemplate {
  readonly key: string;
  readonly method = 'clone';
  readonly memoryMib = 100;
  readonly buildMs = 1;
  readonly subject: Subject;
  readonly statePath: string;
  readonly scratchPath: string;
  /** Where clones find the memory; one that throws has lost it. */
  onRam: () => RamFile = () => ({ path: '/proc/1/fd/3', isShared: false });

  private constructor(key: string, dir: string, subject: Subject) {
    this.subject = subject;
    this.key = key;
    this.statePath = join(dir, 'device.state');
    this.scratchPath = join(dir, 'scratch.img');
  }

  static async create(
    parentDir: string,
    key: string,
    subject: Subject = { kind: 'runtime', runtime: 'nodejs20.x' },
  ): Promise<FakeTemplate> {
    const dir = join(parentDir, key);
    await mkdir(dir);
    const template = new FakeTemplate(key, dir, subject);
    for (const path of [template.statePath, template.scratchPath]) await writeFile(path, '');
    return template;
  }

  /** As what it stands in for. */
  get template(): Template {
    return this as unknown as Template;
  }

  get taskPath(): string | null {
    return this.subject.kind === 'function' ? this.subject.fn.code.imagePath : null;
  }

  async ram(): Promise<RamFile> {
    return this.onRam();
  }
}
