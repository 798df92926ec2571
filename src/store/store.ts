import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type Database from 'better-sqlite3';
import { BallastError } from '../model/errors.js';
import {
  type FunctionRecord,
  isSnapStarted,
  latestVersion,
  type VersionName,
  type VersionState,
} from '../model/function.js';
import { CodeDirectory } from './codeDirectory.js';
import { databaseError, type OpenDatabase, openDatabase } from './database.js';
import { guarded } from './failure.js';
import { FunctionTable } from './functionTable.js';
import { NeedTable } from './needTable.js';
import { contentOf, PublicationTable } from './publicationTable.js';

/** What a function's owner sets, apart from its code. */
export type FunctionSettings = Omit<
  FunctionRecord,
  'version' | 'revisionId' | 'code' | 'lastModified' | 'state'
>;

export interface FunctionPage {
  readonly functions: readonly FunctionRecord[];
  /** Pass it as `after` to go on; null at the end. */
  readonly next: VersionName | null;
}

/** What a change is made on condition of, and what it is followed by. */
interface ChangeOptions {
  /** Refuse the change if this is not the latest. */
  readonly revisionId?: string | undefined;
  /** Publish what comes of it: the record that is returned is the version's then. */
  readonly publish?: boolean | undefined;
}

export interface PublishOptions {
  readonly revisionId?: string | undefined;
  /** Refuse to publish other code; SHA-256 in base64. */
  readonly codeSha256?: string | undefined;
  /** Of the version, in place of the function's. */
  readonly description?: string | undefined;
}

export interface StoreOptions {
  /** The state directory: `store/` and `code/` are made in it. */
  readonly directory: string;
  readonly now?: () => Date;
}

const notFound = ({ functionName, version }: VersionName, isDeployed: boolean): BallastError =>
  new BallastError(
    'FUNCTION_NOT_FOUND',
    isDeployed
      ? `Function not found: ${functionName}:${version.slice(0, 128)}. List the versions of ` +
          `${functionName}, or publish one; aliases are not supported.`
      : `Function not found: ${functionName}. Deploy it, or list the functions that there are.`,
  );

const checkRevision = (fn: FunctionRecord, expected: string | undefined): void => {
  if (expected !== undefined && expected !== fn.revisionId) {
    throw new BallastError(
      'REVISION_MISMATCH',
      `The RevisionId ${expected} is not the latest one of ${fn.functionName}, which is` +
        ` ${fn.revisionId}. Read the function again and retry with that one.`,
    );
  }
};

const checkCode = ({ code }: FunctionRecord, expected: string | undefined): void => {
  const present = Buffer.from(code.sha256, 'hex').toString('base64');
  if (expected !== undefined && expected !== present) {
    throw new BallastError(
      'INVALID_PARAMETER',
      `CodeSHA256 (${expected.slice(0, 100)}) is different from current CodeSHA256 in $LATEST` +
        ` (${present}). Please try again with the CodeSHA256 in $LATEST.`,
    );
  }
};

/** The first `count` of what was found, and where more was found, how to go on. */
const pageOf = (found: readonly FunctionRecord[], count: number): FunctionPage => {
  const functions = found.slice(0, count);
  return { functions, next: found.length > count ? (functions.at(-1) ?? null) : null };
};

/**
 * The functions, their published versions and their code. A change that was acknowledged is on the
 * disk. Changes to one function happen one after the other: each reads what it changes in the
 * transaction that writes.
 */
export class Store {
  /** What the functions' invocations needed of memory. It goes with its function. */
  readonly needs: NeedTable;
  readonly #database: Database.Database;
  readonly #databasePath: string;
  readonly #table: FunctionTable;
  readonly #publications: PublicationTable;
  readonly #code: CodeDirectory;
  readonly #now: () => Date;

  private constructor(
    open: OpenDatabase,
    table: FunctionTable,
    code: CodeDirectory,
    now: () => Date,
  ) {
    this.needs = new NeedTable(open);
    this.#database = open.database;
    this.#databasePath = open.path;
    this.#table = table;
    this.#publications = new PublicationTable(open.database);
    this.#code = code;
    this.#now = now;
  }

  /** @throws BallastError STATE_DIRECTORY */
  static async open(options: StoreOptions): Promise<Store> {
    const open = await openDatabase(options.directory);
    try {
      const table = new FunctionTable(open.database, options.directory);
      const code = await CodeDirectory.open(options.directory, (sha256) => table.refersTo(sha256));
      return new Store(open, table, code, options.now ?? (() => new Date()));
    } catch (error) {
      open.database.close();
      throw databaseError(error, open.path);
    }
  }

  close(): void {
    this.#database.close();
  }

  /** @throws BallastError FUNCTION_NOT_FOUND */
  get(functionName: string, version = latestVersion): FunctionRecord {
    const fn = this.find(functionName, version);
    if (fn === null) {
      const isDeployed = version !== latestVersion && this.find(functionName) !== null;
      throw notFound({ functionName, version }, isDeployed);
    }
    return fn;
  }

  find(functionName: string, version = latestVersion): FunctionRecord | null {
    return this.#table.find({ functionName, version });
  }

  /** The runtimes of all functions. */
  runtimes(): readonly string[] {
    return this.#table.runtimes();
  }

  /** Functions in the order of their names, as `$LATEST` is, at most `count` of them. */
  list(after: VersionName | null, count: number): FunctionPage {
    return pageOf(this.#table.latest(after?.functionName ?? '', count + 1), count);
  }

  /** The same with all versions of each function. */
  listAll(after: VersionName | null, count: number): FunctionPage {
    return pageOf(this.#table.all(after, count + 1), count);
  }

  /** `$LATEST`, then the versions of a function. @throws BallastError FUNCTION_NOT_FOUND */
  listVersions(functionName: string, afterVersion: string | null, count: number): FunctionPage {
    this.get(functionName);
    return pageOf(this.#table.versions(functionName, afterVersion, count + 1), count);
  }

  /** Published versions that start from a snapshot. */
  snapStarted(): readonly FunctionRecord[] {
    return this.#table.snapStarted();
  }

  /** Published versions that wait for their snapshot. */
  pending(): readonly FunctionRecord[] {
    return this.#table.pending();
  }

  /**
   * Notes how a version's waiting for its snapshot ended, if it waits still.
   * @throws BallastError STATE_DIRECTORY
   */
  settle({ revisionId }: FunctionRecord, state: VersionState): void {
    this.#transaction(() => this.#table.settle(revisionId, state));
  }

  /** @throws BallastError FUNCTION_EXISTS, INVALID_ZIP, CODE_TOO_LARGE, STATE_DIRECTORY */
  async create(
    settings: FunctionSettings,
    zip: Buffer,
    options: Pick<ChangeOptions, 'publish'> = {},
  ): Promise<FunctionRecord> {
    this.#refuseExisting(settings.functionName);
    const held = await this.#code.store(zip);
    try {
      return this.#transaction(() => {
        this.#refuseExisting(settings.functionName);
        const code = held.reference;
        const fn = this.#write({
          ...settings,
          version: latestVersion,
          state: { kind: 'active' },
          code,
        });
        return options.publish === true ? this.#publish(fn, undefined) : fn;
      });
    } finally {
      held.release();
    }
  }

  /**
   * Replaces a function's code. `dryRun` only checks that it could be replaced.
   * @throws BallastError FUNCTION_NOT_FOUND, REVISION_MISMATCH, INVALID_ZIP, CODE_TOO_LARGE,
   * STATE_DIRECTORY
   */
  async updateCode(
    functionName: string,
    zip: Buffer,
    options: ChangeOptions & { readonly dryRun?: boolean | undefined } = {},
  ): Promise<FunctionRecord> {
    // Checked first to spare the work, and again where it counts.
    checkRevision(this.get(functionName), options.revisionId);
    const held = await this.#code.store(zip);
    try {
      return this.#change(functionName, options.revisionId, (present) => {
        if (options.dryRun === true) return present;
        const fn = this.#write({ ...present, code: held.reference });
        return options.publish === true ? this.#publish(fn, undefined) : fn;
      });
    } finally {
      held.release();
    }
  }

  /**
   * Replaces a function's settings by what `change` makes of the present ones.
   * @throws BallastError FUNCTION_NOT_FOUND, REVISION_MISMATCH, STATE_DIRECTORY, and what `change`
   * throws
   */
  updateConfiguration(
    functionName: string,
    change: (present: FunctionRecord) => FunctionSettings,
    options: Pick<ChangeOptions, 'revisionId'> = {},
  ): FunctionRecord {
    return this.#change(functionName, options.revisionId, (fn) =>
      this.#write({ ...fn, ...change(fn), functionName }),
    );
  }

  /**
   * Publishes `$LATEST` as a version, which waits for its snapshot where it is to have one. The
   * last version is returned where it was published of the same.
   * @throws BallastError FUNCTION_NOT_FOUND, REVISION_MISMATCH, INVALID_PARAMETER for other code
   * than was expected, STATE_DIRECTORY
   */
  publish(functionName: string, options: PublishOptions = {}): FunctionRecord {
    return this.#change(functionName, options.revisionId, (present) => {
      checkCode(present, options.codeSha256);
      return this.#publish(present, options.description);
    });
  }

  /**
   * Deletes a function with all its versions.
   * @throws BallastError FUNCTION_NOT_FOUND, STATE_DIRECTORY
   */
  delete(functionName: string): void {
    const versions = this.#transaction(() => {
      this.get(functionName);
      const all = this.#table.versions(functionName, null, -1);
      this.#table.delete(functionName);
      this.#publications.delete(functionName);
      this.needs.delete(functionName);
      return all;
    });
    for (const { code } of versions) this.#code.collect(code.sha256);
  }

  /**
   * Deletes a published version; one that is not there is gone already. Its number is not given
   * again. @throws BallastError FUNCTION_NOT_FOUND without such a function, STATE_DIRECTORY
   */
  deleteVersion(name: VersionName): void {
    if (name.version === latestVersion) {
      throw new Error(`${latestVersion} of ${name.functionName} goes with its function only.`);
    }
    const deleted = this.#transaction(() => {
      this.get(name.functionName);
      const fn = this.#table.find(name);
      this.#table.deleteVersion(name);
      return fn;
    });
    if (deleted !== null) this.#code.collect(deleted.code.sha256);
  }

  /**
   * Runs `work` with a version whose code stays on the disk meanwhile, whatever happens to the
   * function. @throws BallastError FUNCTION_NOT_FOUND
   */
  async use<T>(
    { functionName, version }: VersionName,
    work: (fn: FunctionRecord) => Promise<T>,
  ): Promise<T> {
    const fn = this.get(functionName, version);
    const held = this.#code.hold(fn.code);
    try {
      return await work(fn);
    } finally {
      held.release();
    }
  }

  /** The package as it was uploaded. @throws BallastError FUNCTION_NOT_FOUND, STATE_DIRECTORY */
  async readZip(functionName: string, version = latestVersion): Promise<Buffer> {
    return await this.use({ functionName, version }, async ({ code }) => {
      const path = this.#code.zipPath(code.sha256);
      return await guarded(path, () => readFile(path));
    });
  }

  #publish(latest: FunctionRecord, description: string | undefined): FunctionRecord {
    const { functionName } = latest;
    const last = this.#publications.last(functionName);
    const content = contentOf(latest);
    const same = last?.content === content ? this.#table.find({ functionName, ...last }) : null;
    if (same !== null) return same;
    const version = String(Number(last?.version ?? 0) + 1);
    this.#publications.write(functionName, { version, content });
    const published = { ...latest, version, description: description ?? latest.description };
    const state = { kind: isSnapStarted(published) ? 'pending' : 'active' } as const;
    return this.#write({ ...published, state });
  }

  #refuseExisting(functionName: string): void {
    if (this.find(functionName) !== null) {
      throw new BallastError(
        'FUNCTION_EXISTS',
        `Function already exist: ${functionName}. Update it, or delete it first.`,
      );
    }
  }

  /**
   * Changes `$LATEST` of a function in a transaction, and lets go of the code that it had before.
   */
  #change(
    functionName: string,
    revisionId: string | undefined,
    change: (present: FunctionRecord) => FunctionRecord,
  ): FunctionRecord {
    const [before, after] = this.#transaction(() => {
      const present = this.get(functionName);
      checkRevision(present, revisionId);
      return [present, change(present)] as const;
    });
    if (before.code.sha256 !== after.code.sha256) {
      this.#code.collect(before.code.sha256);
    }
    return after;
  }

  #write(fn: Omit<FunctionRecord, 'revisionId' | 'lastModified'>): FunctionRecord {
    const lastModified = this.#now().toISOString().replace('Z', '+0000');
    const record = { ...fn, revisionId: randomUUID(), lastModified };
    this.#table.write(record);
    return record;
  }

  #transaction<T>(work: () => T): T {
    try {
      return this.#database.transaction(work)();
    } catch (error) {
      throw databaseError(error, this.#databasePath);
    }
  }
}
