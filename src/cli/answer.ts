/** Reads the service's answers: JSON where the call succeeded, else the reason as an error. */
import type { Answer } from './client.js';
import { CliError, oneLine } from './failure.js';

const shownCharacters = 200;

/** @throws CliError with the service's own words where the status is not one of success */
export function succeed(answer: Answer): Answer {
  if (answer.status >= 200 && answer.status < 300) return answer;
  const reason = reasonOf(parse(answer.body));
  throw new CliError(reason === null ? unintelligible(answer) : oneLine(reason));
}

/** The JSON of a call that succeeded. Its shape is the API's promise. */
export function jsonOf<T>(answer: Answer): T {
  const value = parse(succeed(answer).body);
  if (value === undefined || value === null) throw new CliError(unintelligible(answer));
  return value as T;
}

/** `{"error":{"message"}}` under `/v1`; `{"message"}` or `{"Message"}` on the paths of Lambda. */
function reasonOf(body: unknown): string | null {
  const outer = (body ?? {}) as Record<string, unknown>;
  const inner = (outer.error ?? outer) as Record<string, unknown>;
  const message = inner.message ?? inner.Message;
  return typeof message === 'string' && message !== '' ? message : null;
}

function unintelligible({ status, body }: Answer): string {
  const text = oneLine(body.toString('utf8', 0, shownCharacters));
  return `The service answered ${status} with what ballast does not say: ${text || 'nothing'}`;
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
