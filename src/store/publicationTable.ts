import type Database from 'better-sqlite3';
import type { FunctionRecord } from '../model/function.js';

interface PublicationRow {
  readonly function_name: string;
  readonly last_version: number;
  readonly content: string;
}

/** The last version that was published of a function. */
export interface Publication {
  readonly version: string;
  /** What `$LATEST` was then. The version may have another description, and may be gone. */
  readonly content: string;
}

/** What makes one version unlike another: all that its owner sets, and the code. */
export const contentOf = ({
  version: _version,
  revisionId: _revisionId,
  lastModified: _lastModified,
  state: _state,
  code,
  environment,
  ...settings
}: FunctionRecord): string => {
  const variables = sorted(environment);
  return JSON.stringify(sorted({ ...settings, variables, sha256: code.sha256 }));
};

/** In an order that does not depend on how the object came about. */
const sorted = (members: object): readonly (readonly [string, unknown])[] =>
  Object.entries(members).sort(([one], [other]) => (one < other ? -1 : 1));

/**
 * The rows of `publications`: they outlive the versions that they tell of, so that no number is
 * given twice, and go with their function.
 */
export class PublicationTable {
  readonly #select: Database.Statement<[string], PublicationRow>;
  readonly #write: Database.Statement<[PublicationRow]>;
  readonly #delete: Database.Statement<[string]>;

  constructor(database: Database.Database) {
    this.#select = database.prepare('SELECT * FROM publications WHERE function_name = ?');
    this.#write = database.prepare(
      `INSERT OR REPLACE INTO publications (function_name, last_version, content)
       VALUES (@function_name, @last_version, @content)`,
    );
    this.#delete = database.prepare('DELETE FROM publications WHERE function_name = ?');
  }

  /** Null where nothing was published of the function. */
  last(functionName: string): Publication | null {
    const row = this.#select.get(functionName);
    return row === undefined ? null : { version: String(row.last_version), content: row.content };
  }

  write(functionName: string, { version, content }: Publication): void {
    this.#write.run({ function_name: functionName, last_version: Number(version), content });
  }

  delete(functionName: string): void {
    this.#delete.run(functionName);
  }
}
