import type Database from 'better-sqlite3';
import type { FunctionRecord } from '../model/function.js';
import { codeImagePath } from './codeDirectory.js';

/** A function as its row holds it. */
interface FunctionRow {
  readonly function_name: string;
  readonly revision_id: string;
  readonly runtime: string;
  readonly handler: string;
  readonly role: string;
  readonly description: string;
  readonly memory_mib: number;
  readonly ephemeral_mib: number;
  readonly timeout_seconds: number;
  readonly environment: string;
  readonly code_sha256: string;
  readonly zip_bytes: number;
  readonly last_modified: string;
}

const columns = [
  'function_name',
  'revision_id',
  'runtime',
  'handler',
  'role',
  'description',
  'memory_mib',
  'ephemeral_mib',
  'timeout_seconds',
  'environment',
  'code_sha256',
  'zip_bytes',
  'last_modified',
] as const satisfies readonly (keyof FunctionRow)[];

const toRow = (fn: FunctionRecord): FunctionRow => ({
  function_name: fn.functionName,
  revision_id: fn.revisionId,
  runtime: fn.runtime,
  handler: fn.handler,
  role: fn.role,
  description: fn.description,
  memory_mib: fn.memoryMib,
  ephemeral_mib: fn.ephemeralMib,
  timeout_seconds: fn.timeoutSeconds,
  environment: JSON.stringify(fn.environment),
  code_sha256: fn.code.sha256,
  zip_bytes: fn.code.zipBytes,
  last_modified: fn.lastModified,
});

/** The rows of `functions`. Every call is one statement; the caller makes transactions of them. */
export class FunctionTable {
  readonly #stateDirectory: string;
  readonly #select: Database.Statement<[string], FunctionRow>;
  readonly #page: Database.Statement<[string, number], FunctionRow>;
  readonly #write: Database.Statement<[FunctionRow]>;
  readonly #delete: Database.Statement<[string]>;
  readonly #refers: Database.Statement<[string], { readonly one: number }>;

  constructor(database: Database.Database, stateDirectory: string) {
    this.#stateDirectory = stateDirectory;
    this.#select = database.prepare('SELECT * FROM functions WHERE function_name = ?');
    this.#page = database.prepare(
      'SELECT * FROM functions WHERE function_name > ? ORDER BY function_name LIMIT ?',
    );
    this.#write = database.prepare(
      `INSERT OR REPLACE INTO functions (${columns.join(', ')})
       VALUES (${columns.map((column) => `@${column}`).join(', ')})`,
    );
    this.#delete = database.prepare('DELETE FROM functions WHERE function_name = ?');
    this.#refers = database.prepare('SELECT 1 AS one FROM functions WHERE code_sha256 = ? LIMIT 1');
  }

  find(functionName: string): FunctionRecord | null {
    const row = this.#select.get(functionName);
    return row === undefined ? null : this.#toRecord(row);
  }

  /** Functions in the order of their names, after the given one. */
  page(afterName: string, count: number): FunctionRecord[] {
    return this.#page.all(afterName, count).map((row) => this.#toRecord(row));
  }

  write(fn: FunctionRecord): void {
    this.#write.run(toRow(fn));
  }

  delete(functionName: string): void {
    this.#delete.run(functionName);
  }

  /** Tells whether any function's code is this package. */
  refersTo(sha256: string): boolean {
    return this.#refers.get(sha256) !== undefined;
  }

  #toRecord(row: FunctionRow): FunctionRecord {
    return {
      functionName: row.function_name,
      version: '$LATEST',
      revisionId: row.revision_id,
      runtime: row.runtime,
      handler: row.handler,
      role: row.role,
      description: row.description,
      memoryMib: row.memory_mib,
      ephemeralMib: row.ephemeral_mib,
      timeoutSeconds: row.timeout_seconds,
      environment: JSON.parse(row.environment),
      code: {
        sha256: row.code_sha256,
        zipBytes: row.zip_bytes,
        imagePath: codeImagePath(this.#stateDirectory, row.code_sha256),
      },
      lastModified: row.last_modified,
    };
  }
}
