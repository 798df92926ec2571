/** Tables for people. */

export interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => string | number;
}

/** Numbers stand right, words left; two spaces between columns, none at the end of a line. */
export function formatTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const cells = rows.map((row) => columns.map(({ value }) => value(row)));
  const widths = columns.map(({ title }, index) =>
    Math.max(title.length, ...cells.map((line) => String(line[index]).length)),
  );
  const isRight = columns.map((_, index) => cells.some((line) => typeof line[index] === 'number'));
  const format = (line: readonly (string | number)[]): string =>
    line
      .map((cell, index) => {
        const width = widths[index] ?? 0;
        return isRight[index] ? String(cell).padStart(width) : String(cell).padEnd(width);
      })
      .join('  ')
      .trimEnd();
  return [columns.map(({ title }) => title), ...cells].map(format).join('\n');
}
