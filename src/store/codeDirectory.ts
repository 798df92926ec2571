import { createHash, randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { access, chmod, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { syncPath } from '../files/syncPath.js';
import { BallastError } from '../model/errors.js';
import type { CodeReference } from '../model/function.js';
import { limits } from '../model/limits.js';
import { unpack } from './archive.js';
import { guarded } from './failure.js';
import { packImage } from './image.js';

/** Code that stays on the disk until it is released, whoever else lets go of it. */
export interface HeldCode {
  readonly reference: CodeReference;
  release(): void;
}

const codeDirectory = (stateDirectory: string): string => join(stateDirectory, 'code');

/** Where a package's disk image lies. */
export const codeImagePath = (stateDirectory: string, sha256: string): string =>
  join(codeDirectory(stateDirectory), `${sha256}.erofs`);

const storedName = /^([0-9a-f]{64})\.(zip|erofs)$/;

/**
 * The packages of all functions, as files named by their digest: the zip, and the disk image made
 * of it. A file with its final name is whole. Code stays while a function refers to it or someone
 * holds it, and goes at the moment when neither is so any more.
 */
export class CodeDirectory {
  readonly #stateDirectory: string;
  readonly #directory: string;
  readonly #isReferenced: (sha256: string) => boolean;
  readonly #holds = new Map<string, number>();
  readonly #builds = new Map<string, Promise<void>>();

  private constructor(stateDirectory: string, isReferenced: (sha256: string) => boolean) {
    this.#stateDirectory = stateDirectory;
    this.#directory = codeDirectory(stateDirectory);
    this.#isReferenced = isReferenced;
  }

  /** Opens the directory and removes what no function refers to, half-written files included. */
  static async open(
    stateDirectory: string,
    isReferenced: (sha256: string) => boolean,
  ): Promise<CodeDirectory> {
    const directory = codeDirectory(stateDirectory);
    await guarded(directory, async () => {
      await mkdir(directory, { recursive: true });
      // QEMU runs as another user: it may pass through to a file that it knows, and list nothing.
      await chmod(directory, 0o711);
      for (const name of await readdir(directory)) {
        const sha256 = storedName.exec(name)?.[1];
        if (sha256 === undefined || !isReferenced(sha256)) {
          await rm(join(directory, name), { recursive: true, force: true });
        }
      }
    });
    return new CodeDirectory(stateDirectory, isReferenced);
  }

  zipPath(sha256: string): string {
    return join(this.#directory, `${sha256}.zip`);
  }

  /**
   * Stores a package and holds it. One that is there already costs nothing.
   * @throws BallastError INVALID_ZIP, CODE_TOO_LARGE, STATE_DIRECTORY, HOST_UNUSABLE
   */
  async store(zip: Buffer): Promise<HeldCode> {
    if (zip.length > limits.maxZipBytes) {
      throw new BallastError(
        'CODE_TOO_LARGE',
        `The package has ${zip.length} bytes; at most ${limits.maxZipBytes} (50 MiB) are allowed.` +
          ' Leave out of it what the function does not need.',
      );
    }
    const sha256 = createHash('sha256').update(zip).digest('hex');
    const reference = { sha256, zipBytes: zip.length, imagePath: this.#imagePath(sha256) };
    const held = this.hold(reference);
    try {
      await this.#ensure(sha256, zip);
      return held;
    } catch (error) {
      held.release();
      throw error;
    }
  }

  /** Holds code that a function refers to at this moment. */
  hold(reference: CodeReference): HeldCode {
    const { sha256 } = reference;
    this.#holds.set(sha256, (this.#holds.get(sha256) ?? 0) + 1);
    let held = true;
    const release = (): void => {
      if (!held) {
        return;
      }
      held = false;
      const left = (this.#holds.get(sha256) ?? 1) - 1;
      if (left > 0) {
        this.#holds.set(sha256, left);
        return;
      }
      this.#holds.delete(sha256);
      this.collect(sha256);
    };
    return { reference, release };
  }

  /**
   * Removes code that nothing needs. Synchronous, so that nobody can begin to refer to it between
   * the check and the removal. A running instance keeps its open image.
   */
  collect(sha256: string): void {
    if (this.#holds.has(sha256) || this.#isReferenced(sha256)) {
      return;
    }
    for (const path of [this.zipPath(sha256), this.#imagePath(sha256)]) {
      try {
        rmSync(path, { force: true });
      } catch {
        // What cannot be removed now is removed when the store is opened again.
      }
    }
  }

  #imagePath(sha256: string): string {
    return codeImagePath(this.#stateDirectory, sha256);
  }

  async #ensure(sha256: string, zip: Buffer): Promise<void> {
    const running = this.#builds.get(sha256);
    if (running !== undefined) {
      return running;
    }
    const build = this.#build(sha256, zip).finally(() => this.#builds.delete(sha256));
    this.#builds.set(sha256, build);
    return build;
  }

  async #build(sha256: string, zip: Buffer): Promise<void> {
    if (await this.#isStored(sha256)) {
      return;
    }
    const work = join(this.#directory, `.build-${randomUUID()}`);
    try {
      await guarded(work, async () => {
        await mkdir(work, { mode: 0o700 });
        await unpack(zip, join(work, 'task'));
        await packImage(join(work, 'task'), join(work, 'image'));
        // The guest's disk is read by QEMU's user; the zip by nobody else.
        await chmod(join(work, 'image'), 0o644);
        await syncPath(join(work, 'image'));
        await this.#writeZip(join(work, 'zip'), zip);
        await rename(join(work, 'zip'), this.zipPath(sha256));
        await rename(join(work, 'image'), this.#imagePath(sha256));
        await syncPath(this.#directory);
      });
    } finally {
      // What cannot be removed now is removed when the store is opened again.
      await rm(work, { recursive: true, force: true }).catch(() => undefined);
    }
  }

  async #writeZip(path: string, zip: Buffer): Promise<void> {
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(zip);
      await file.sync();
    } finally {
      await file.close();
    }
  }

  async #isStored(sha256: string): Promise<boolean> {
    try {
      await access(this.zipPath(sha256));
      await access(this.#imagePath(sha256));
      return true;
    } catch {
      return false;
    }
  }
}
