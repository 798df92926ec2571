import type Database from 'better-sqlite3';
import {
  type FunctionRecord,
  latestVersion,
  type SnapStart,
  type VersionName,
  type VersionState,
} from '../model/function.js';
import { codeImagePath } from './codeDirectory.js';

/** A version of a function as its row holds it. */
interface FunctionRow extends StateColumns {
  readonly function_name: string;
  /** 0 for `$LATEST`, so that it comes before the versions that were published. */
  readonly version: number;
  readonly revision_id: string;
  readonly runtime: string;
  readonly handler: string;
  readonly role: string;
  readonly description: string;
  readonly memory_mib: number;
  readonly ephemeral_mib: number;
  readonly timeout_seconds: number;
  readonly environment: string;
  readonly snap_start: SnapStart;
  readonly code_sha256: string;
  readonly zip_bytes: number;
  readonly last_modified: string;
}

interface StateColumns {
  readonly state: VersionState['kind'];
  readonly state_reason: string | null;
  readonly state_fault: 'function' | 'service' | null;
}

const columns = [
  'function_name',
  'version',
  'revision_id',
  'runtime',
  'handler',
  'role',
  'description',
  'memory_mib',
  'ephemeral_mib',
  'timeout_seconds',
  'environment',
  'snap_start',
  'code_sha256',
  'zip_bytes',
  'last_modified',
  'state',
  'state_reason',
  'state_fault',
] as const satisfies readonly (keyof FunctionRow)[];

const toRow = (fn: FunctionRecord): FunctionRow => ({
  function_name: fn.functionName,
  version: numberOf(fn.version) ?? 0,
  revision_id: fn.revisionId,
  runtime: fn.runtime,
  handler: fn.handler,
  role: fn.role,
  description: fn.description,
  memory_mib: fn.memoryMib,
  ephemeral_mib: fn.ephemeralMib,
  timeout_seconds: fn.timeoutSeconds,
  environment: JSON.stringify(fn.environment),
  snap_start: fn.snapStart,
  code_sha256: fn.code.sha256,
  zip_bytes: fn.code.zipBytes,
  last_modified: fn.lastModified,
  ...toStateColumns(fn.state),
});

const toStateColumns = (state: VersionState): StateColumns => ({
  state: state.kind,
  state_reason: state.kind === 'failed' ? state.reason : null,
  state_fault: state.kind === 'failed' ? state.fault : null,
});

const toState = ({ state, state_reason, state_fault }: StateColumns): VersionState =>
  state === 'failed'
    ? { kind: state, reason: state_reason ?? '', fault: state_fault ?? 'service' }
    : { kind: state };

/** Null for what names no version. */
const numberOf = (version: string): number | null => {
  if (version === latestVersion) return 0;
  return /^[1-9]\d{0,8}$/.test(version) ? Number(version) : null;
};

/**
 * The rows of `functions`: one per version. Every call is one statement; the caller makes
 * transactions of them.
 */
export class FunctionTable {
  readonly #stateDirectory: string;
  readonly #select: Database.Statement<[string, number], FunctionRow>;
  readonly #latest: Database.Statement<[string, number], FunctionRow>;
  readonly #all: Database.Statement<[string, number, number], FunctionRow>;
  readonly #versions: Database.Statement<[string, number, number], FunctionRow>;
  readonly #snapStarted: Database.Statement<[], FunctionRow>;
  readonly #pending: Database.Statement<[], FunctionRow>;
  readonly #write: Database.Statement<[FunctionRow]>;
  readonly #settle: Database.Statement<[StateColumns & { readonly revision_id: string }]>;
  readonly #delete: Database.Statement<[string]>;
  readonly #runtimes: Database.Statement<[], { readonly runtime: string }>;
  readonly #deleteVersion: Database.Statement<[string, number]>;
  readonly #refers: Database.Statement<[string], { readonly one: number }>;

  constructor(database: Database.Database, stateDirectory: string) {
    this.#stateDirectory = stateDirectory;
    this.#select = database.prepare(
      'SELECT * FROM functions WHERE function_name = ? AND version = ?',
    );
    this.#latest = database.prepare(
      `SELECT * FROM functions WHERE version = 0 AND function_name > ?
       ORDER BY function_name LIMIT ?`,
    );
    this.#all = database.prepare(
      `SELECT * FROM functions WHERE (function_name, version) > (?, ?)
       ORDER BY function_name, version LIMIT ?`,
    );
    this.#versions = database.prepare(
      'SELECT * FROM functions WHERE function_name = ? AND version > ? ORDER BY version LIMIT ?',
    );
    this.#snapStarted = database.prepare(
      "SELECT * FROM functions WHERE version > 0 AND snap_start = 'PublishedVersions'",
    );
    this.#pending = database.prepare("SELECT * FROM functions WHERE state = 'pending'");
    this.#write = database.prepare(
      `INSERT OR REPLACE INTO functions (${columns.join(', ')})
       VALUES (${columns.map((column) => `@${column}`).join(', ')})`,
    );
    this.#settle = database.prepare(
      `UPDATE functions SET state = @state, state_reason = @state_reason, state_fault = @state_fault
       WHERE revision_id = @revision_id AND state = 'pending'`,
    );
    this.#delete = database.prepare('DELETE FROM functions WHERE function_name = ?');
    this.#runtimes = database.prepare('SELECT DISTINCT runtime FROM functions');
    this.#deleteVersion = database.prepare(
      'DELETE FROM functions WHERE function_name = ? AND version = ?',
    );
    this.#refers = database.prepare('SELECT 1 AS one FROM functions WHERE code_sha256 = ? LIMIT 1');
  }

  find({ functionName, version }: VersionName): FunctionRecord | null {
    const number = numberOf(version);
    const row = number === null ? undefined : this.#select.get(functionName, number);
    return row === undefined ? null : this.#toRecord(row);
  }

  /** What is updated of each function, in the order of their names, after the given one. */
  latest(afterName: string, count: number): FunctionRecord[] {
    return this.#records(this.#latest.all(afterName, count));
  }

  /** All versions of all functions, by name and number, after the given one. */
  all(after: VersionName | null, count: number): FunctionRecord[] {
    const number = numberOf(after?.version ?? latestVersion) ?? 0;
    return this.#records(this.#all.all(after?.functionName ?? '', number, count));
  }

  /** `$LATEST` and the versions of a function by number, after the given one. */
  versions(functionName: string, afterVersion: string | null, count: number): FunctionRecord[] {
    const number = afterVersion === null ? -1 : (numberOf(afterVersion) ?? 0);
    return this.#records(this.#versions.all(functionName, number, count));
  }

  /** Published versions that start from a snapshot. */
  snapStarted(): FunctionRecord[] {
    return this.#records(this.#snapStarted.all());
  }

  /** Versions that wait for their snapshot. */
  pending(): FunctionRecord[] {
    return this.#records(this.#pending.all());
  }

  runtimes(): string[] {
    return this.#runtimes.all().map(({ runtime }) => runtime);
  }

  write(fn: FunctionRecord): void {
    this.#write.run(toRow(fn));
  }

  /** Ends the waiting of a version; one that is gone, or does not wait, is left as it is. */
  settle(revisionId: string, state: VersionState): void {
    this.#settle.run({ ...toStateColumns(state), revision_id: revisionId });
  }

  /** Deletes a function with all its versions. */
  delete(functionName: string): void {
    this.#delete.run(functionName);
  }

  deleteVersion({ functionName, version }: VersionName): void {
    const number = numberOf(version);
    if (number !== null) this.#deleteVersion.run(functionName, number);
  }

  /** Tells whether any version's code is this package. */
  refersTo(sha256: string): boolean {
    return this.#refers.get(sha256) !== undefined;
  }

  #records(rows: readonly FunctionRow[]): FunctionRecord[] {
    return rows.map((row) => this.#toRecord(row));
  }

  #toRecord(row: FunctionRow): FunctionRecord {
    return {
      functionName: row.function_name,
      version: row.version === 0 ? latestVersion : String(row.version),
      revisionId: row.revision_id,
      runtime: row.runtime,
      handler: row.handler,
      role: row.role,
      description: row.description,
      memoryMib: row.memory_mib,
      ephemeralMib: row.ephemeral_mib,
      timeoutSeconds: row.timeout_seconds,
      environment: JSON.parse(row.environment),
      snapStart: row.snap_start,
      state: toState(row),
      code: {
        sha256: row.code_sha256,
        zipBytes: row.zip_bytes,
        imagePath: codeImagePath(this.#stateDirectory, row.code_sha256),
      },
      lastModified: row.last_modified,
    };
  }
}
