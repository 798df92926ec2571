/** Reads tables of comma-separated values. What is wrong in one is named by its file and line. */
import { createReadStream } from 'node:fs';
import { parse } from 'csv-parse';

/** What is wrong with a trace, and where. */
export class TraceError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'TraceError';
  }
}

interface Parsed {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

/** The rows below the head. @throws TraceError where the file cannot be read as a table */
export async function* readRows(path: string): AsyncGenerator<CsvRow> {
  const options = { info: true, bom: true, relaxColumnCount: true, skipEmptyLines: true } as const;
  const file = createReadStream(path);
  const parser = parse(options);
  file.on('error', (error) => parser.destroy(error));
  let head: ReadonlyMap<string, number> | null = null;
  try {
    for await (const { record, info } of file.pipe(parser) as AsyncIterable<Parsed>) {
      if (head === null) head = new Map(record.map((column, index) => [column, index]));
      else yield new CsvRow(path, info.lines, head, record);
    }
  } catch (error) {
    throw error instanceof TraceError ? error : unreadable(path, error);
  }
  if (head === null) throw new TraceError(`${path}:1: is empty, and needs a line of column names.`);
}

export class CsvRow {
  readonly line: number;
  readonly #path: string;
  readonly #head: ReadonlyMap<string, number>;
  readonly #cells: readonly string[];

  constructor(
    path: string,
    line: number,
    head: ReadonlyMap<string, number>,
    cells: readonly string[],
  ) {
    this.#path = path;
    this.line = line;
    this.#head = head;
    this.#cells = cells;
    if (cells.length !== head.size) {
      throw this.refused(`has ${cells.length} cells, and needs the ${head.size} of the head.`);
    }
  }

  /** What the reader says of this row. */
  refused(what: string): TraceError {
    return new TraceError(`${this.#path}:${this.line}: ${what}`);
  }

  has(column: string): boolean {
    return this.#head.has(column);
  }

  /** @throws TraceError where there is no such column, or nothing in it */
  text(column: string): string {
    const index = this.#head.get(column);
    if (index === undefined) throw this.refused(`there is no column ${column}, which is needed.`);
    const text = this.#cells[index] ?? '';
    if (text === '') throw this.refused(`${column} is empty, and is needed.`);
    return text;
  }

  /** @throws TraceError */
  number(column: string): number {
    const text = this.text(column);
    const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
    if (Number.isFinite(value)) return value;
    throw this.refused(`${column} is '${text}'; allowed are numbers from 0.`);
  }

  /** @throws TraceError */
  count(column: string): number {
    const value = this.number(column);
    if (Number.isSafeInteger(value) && value <= maxCount) return value;
    throw this.refused(`${column} is ${value}; allowed are whole numbers up to ${maxCount}.`);
  }
}

/** More in a cell is a mistake, and would not fit in the memory of this process. */
const maxCount = 10_000_000;

function unreadable(path: string, error: unknown): TraceError {
  const line = (error as { lines?: number }).lines;
  const place = line === undefined ? path : `${path}:${line}`;
  return new TraceError(`${place}: ${error instanceof Error ? error.message : String(error)}`);
}
