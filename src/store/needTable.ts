import type Database from 'better-sqlite3';
import type { NeedStore, Needs } from '../model/needs.js';
import { databaseError, type OpenDatabase } from './database.js';

interface NeedRow {
  readonly function_name: string;
  readonly needs: string;
}

/**
 * The rows of `needs`: what the invocations of each function needed of memory. They are written
 * while invocations are served, so that a commit does not wait for the disk: a loss of power may
 * take the latest away, and nothing else.
 */
export class NeedTable implements NeedStore {
  readonly #database: Database.Database;
  readonly #path: string;
  readonly #all: Database.Statement<[], NeedRow>;
  readonly #write: Database.Statement<[NeedRow]>;
  readonly #delete: Database.Statement<[string]>;

  constructor({ database, path }: OpenDatabase) {
    this.#database = database;
    this.#path = path;
    this.#all = database.prepare('SELECT * FROM needs');
    this.#write = database.prepare(
      `INSERT OR REPLACE INTO needs (function_name, needs)
       SELECT function_name, @needs FROM functions
       WHERE function_name = @function_name AND version = 0`,
    );
    this.#delete = database.prepare('DELETE FROM needs WHERE function_name = ?');
  }

  load(): Map<string, Needs> {
    return new Map(this.#all.all().map((row) => [row.function_name, JSON.parse(row.needs)]));
  }

  /** @throws BallastError STATE_DIRECTORY */
  save(changed: ReadonlyMap<string, Needs>): void {
    const write = this.#database.transaction(() => {
      for (const [name, needs] of changed) {
        this.#write.run({ function_name: name, needs: JSON.stringify(needs) });
      }
    });
    try {
      this.#database.pragma('synchronous = NORMAL');
      write();
    } catch (error) {
      throw databaseError(error, this.#path);
    } finally {
      this.#database.pragma('synchronous = FULL');
    }
  }

  delete(functionName: string): void {
    this.#delete.run(functionName);
  }
}
