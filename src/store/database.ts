import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { stateError, unusableState } from './failure.js';

/**
 * The steps from an empty database to the present one. `user_version` counts those that were
 * taken: add to the end, and never change one that was released.
 */
const migrations: readonly string[] = [
  `CREATE TABLE functions (
    function_name TEXT PRIMARY KEY,
    revision_id TEXT NOT NULL,
    runtime TEXT NOT NULL,
    handler TEXT NOT NULL,
    role TEXT NOT NULL,
    description TEXT NOT NULL,
    memory_mib INTEGER NOT NULL,
    ephemeral_mib INTEGER NOT NULL,
    timeout_seconds INTEGER NOT NULL,
    environment TEXT NOT NULL,
    code_sha256 TEXT NOT NULL,
    zip_bytes INTEGER NOT NULL,
    last_modified TEXT NOT NULL
  ) STRICT;
  CREATE INDEX functions_by_code ON functions (code_sha256);`,
  `CREATE TABLE needs (
    function_name TEXT PRIMARY KEY,
    needs TEXT NOT NULL
  ) STRICT;`,
  `ALTER TABLE functions RENAME TO functions_without_versions;
  CREATE TABLE functions (
    function_name TEXT NOT NULL,
    version INTEGER NOT NULL,
    revision_id TEXT NOT NULL UNIQUE,
    runtime TEXT NOT NULL,
    handler TEXT NOT NULL,
    role TEXT NOT NULL,
    description TEXT NOT NULL,
    memory_mib INTEGER NOT NULL,
    ephemeral_mib INTEGER NOT NULL,
    timeout_seconds INTEGER NOT NULL,
    environment TEXT NOT NULL,
    snap_start TEXT NOT NULL,
    code_sha256 TEXT NOT NULL,
    zip_bytes INTEGER NOT NULL,
    last_modified TEXT NOT NULL,
    state TEXT NOT NULL,
    state_reason TEXT,
    state_fault TEXT,
    PRIMARY KEY (function_name, version)
  ) STRICT;
  INSERT INTO functions
    SELECT function_name, 0, revision_id, runtime, handler, role, description, memory_mib,
      ephemeral_mib, timeout_seconds, environment, 'None', code_sha256, zip_bytes, last_modified,
      'active', NULL, NULL
    FROM functions_without_versions;
  DROP TABLE functions_without_versions;
  CREATE INDEX functions_by_code ON functions (code_sha256);
  CREATE INDEX functions_latest ON functions (function_name) WHERE version = 0;
  CREATE INDEX functions_pending ON functions (function_name) WHERE state = 'pending';
  CREATE TABLE publications (
    function_name TEXT PRIMARY KEY,
    last_version INTEGER NOT NULL,
    content TEXT NOT NULL
  ) STRICT;`,
];

const migrate = (database: Database.Database, path: string): void => {
  const version = database.pragma('user_version', { simple: true }) as number;
  if (version > migrations.length) {
    throw unusableState(
      path,
      `it was written by a newer ballast (its schema is ${version}, this one knows` +
        ` ${migrations.length})`,
    );
  }
  const upgrade = database.transaction(() => {
    for (const step of migrations.slice(version)) {
      database.exec(step);
    }
    database.pragma(`user_version = ${migrations.length}`);
  });
  upgrade.exclusive();
};

const reasons: Readonly<Record<string, string>> = {
  SQLITE_BUSY: 'it is in use by another running service',
  SQLITE_FULL: 'the disk is full',
  SQLITE_READONLY: 'it cannot be written',
  SQLITE_CANTOPEN: 'it cannot be opened',
  SQLITE_CORRUPT: 'it is damaged',
  SQLITE_NOTADB: 'it is damaged or is no database',
  SQLITE_IOERR: 'the disk failed',
  SQLITE_PERM: 'permission is denied',
};

/** The catalogue's error for what SQLite refuses; other errors pass unchanged. */
export const databaseError = (error: unknown, path: string): unknown => {
  const code = (error as { code?: unknown }).code;
  if (typeof code !== 'string' || !code.startsWith('SQLITE_')) {
    return stateError(error, path);
  }
  // Extended codes such as SQLITE_IOERR_WRITE begin with the plain one.
  const plain = code.split('_').slice(0, 2).join('_');
  const why = reasons[plain];
  return why === undefined ? error : unusableState(path, why, error);
};

export interface OpenDatabase {
  readonly database: Database.Database;
  readonly path: string;
}

/**
 * Opens the database of a state directory and keeps it locked: one service at a time, and a
 * killed one lets go of the lock with its process. A committed change is on the disk.
 * @throws BallastError STATE_DIRECTORY
 */
export const openDatabase = async (stateDirectory: string): Promise<OpenDatabase> => {
  const directory = join(stateDirectory, 'store');
  const path = join(directory, 'ballast.sqlite');
  let database: Database.Database | undefined;
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    database = new Database(path, { timeout: 0 });
    database.pragma('locking_mode = EXCLUSIVE');
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    migrate(database, path);
    return { database, path };
  } catch (error) {
    database?.close();
    throw databaseError(error, path);
  }
};
