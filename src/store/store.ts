import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type Database from 'better-sqlite3';
import { BallastError } from '../model/errors.js';
import type { FunctionRecord } from '../model/function.js';
import { CodeDirectory } from './codeDirectory.js';
import { databaseError, type OpenDatabase, openDatabase } from './database.js';
import { guarded } from './failure.js';
import { FunctionTable } from './functionTable.js';

/** What a function's owner sets, apart from its code. */
export type FunctionSettings = Omit<
  FunctionRecord,
  'version' | 'revisionId' | 'code' | 'lastModified'
>;

export interface FunctionPage {
  readonly functions: readonly FunctionRecord[];
  /** Pass it as `afterName` to go on; null at the end. */
  readonly nextAfterName: string | null;
}

export interface StoreOptions {
  /** The state directory: `store/` and `code/` are made in it. */
  readonly directory: string;
  readonly now?: () => Date;
}

const notFound = (functionName: string): BallastError =>
  new BallastError(
    'FUNCTION_NOT_FOUND',
    `Function not found: ${functionName}. Deploy it, or list the functions that there are.`,
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

/**
 * The functions and their code. A change that was acknowledged is on the disk. Changes to one
 * function happen one after the other: each reads what it changes in the transaction that writes.
 */
export class Store {
  readonly #database: Database.Database;
  readonly #databasePath: string;
  readonly #table: FunctionTable;
  readonly #code: CodeDirectory;
  readonly #now: () => Date;

  private constructor(
    open: OpenDatabase,
    table: FunctionTable,
    code: CodeDirectory,
    now: () => Date,
  ) {
    this.#database = open.database;
    this.#databasePath = open.path;
    this.#table = table;
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
  get(functionName: string): FunctionRecord {
    const fn = this.find(functionName);
    if (fn === null) {
      throw notFound(functionName);
    }
    return fn;
  }

  find(functionName: string): FunctionRecord | null {
    return this.#table.find(functionName);
  }

  /** Functions in the order of their names, at most `count` of them, after `afterName`. */
  list(afterName: string, count: number): FunctionPage {
    const found = this.#table.page(afterName, count + 1);
    const functions = found.slice(0, count);
    const more = found.length > count;
    return { functions, nextAfterName: more ? (functions.at(-1)?.functionName ?? null) : null };
  }

  /** @throws BallastError FUNCTION_EXISTS, INVALID_ZIP, CODE_TOO_LARGE, STATE_DIRECTORY */
  async create(settings: FunctionSettings, zip: Buffer): Promise<FunctionRecord> {
    this.#refuseExisting(settings.functionName);
    const held = await this.#code.store(zip);
    try {
      return this.#transaction(() => {
        this.#refuseExisting(settings.functionName);
        return this.#write({ ...settings, version: '$LATEST', code: held.reference });
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
    options: { readonly revisionId?: string | undefined; readonly dryRun?: boolean } = {},
  ): Promise<FunctionRecord> {
    // Checked first to spare the work, and again where it counts.
    checkRevision(this.get(functionName), options.revisionId);
    const held = await this.#code.store(zip);
    try {
      return this.#change(functionName, options.revisionId, (fn) =>
        options.dryRun ? fn : this.#write({ ...fn, code: held.reference }),
      );
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
    options: { readonly revisionId?: string | undefined } = {},
  ): FunctionRecord {
    return this.#change(functionName, options.revisionId, (fn) =>
      this.#write({ ...fn, ...change(fn), functionName }),
    );
  }

  /** @throws BallastError FUNCTION_NOT_FOUND, STATE_DIRECTORY */
  delete(functionName: string): void {
    const fn = this.#change(functionName, undefined, (present) => {
      this.#table.delete(functionName);
      return present;
    });
    this.#code.collect(fn.code.sha256);
  }

  /**
   * Runs `work` with a function whose code stays on the disk meanwhile, whatever happens to the
   * function. @throws BallastError FUNCTION_NOT_FOUND
   */
  async use<T>(functionName: string, work: (fn: FunctionRecord) => Promise<T>): Promise<T> {
    const fn = this.get(functionName);
    const held = this.#code.hold(fn.code);
    try {
      return await work(fn);
    } finally {
      held.release();
    }
  }

  /** The package as it was uploaded. @throws BallastError FUNCTION_NOT_FOUND, STATE_DIRECTORY */
  async readZip(functionName: string): Promise<Buffer> {
    return await this.use(functionName, async ({ code }) => {
      const path = this.#code.zipPath(code.sha256);
      return await guarded(path, () => readFile(path));
    });
  }

  #refuseExisting(functionName: string): void {
    if (this.#table.find(functionName) !== null) {
      throw new BallastError(
        'FUNCTION_EXISTS',
        `Function already exist: ${functionName}. Update it, or delete it first.`,
      );
    }
  }

  /** Changes one function in a transaction, and lets go of the code that it had before. */
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
