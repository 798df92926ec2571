/** Standard output holds the answer; everything about it goes to standard error. */

export function print(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

/** One line, for machines. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

export function note(text: string): void {
  process.stderr.write(text.endsWith('\n') ? text : `${text}\n`);
}

export interface OutputOptions {
  readonly json?: boolean;
}

export const jsonOption = ['--json', 'print one line of JSON, for machines'] as const;
