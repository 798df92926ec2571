/** What an invocation brought, read out of the answer's headers and body. */
import type { Receipt } from '../model/invocation.js';
import type { Answer, Client } from './client.js';
import { oneLine } from './failure.js';
import { type InvokeOptions, invokeFunction } from './functions.js';

export interface Invocation {
  readonly statusCode: number;
  /** Null where the function answered, else `Unhandled`. */
  readonly functionError: string | null;
  /** The answer as it came. */
  readonly body: Buffer;
  /** Null where a service other than ballast answered. */
  readonly receipt: Receipt | null;
  /** The end of the function's log; null unless it was asked for. */
  readonly log: string | null;
}

export async function invoke(
  client: Client,
  name: string,
  options: InvokeOptions,
): Promise<Invocation> {
  return invocationOf(await invokeFunction(client, name, options));
}

/** The answer as JSON, or as text where it is none. */
export function payloadOf({ body }: Invocation): unknown {
  const text = body.toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Why the function failed, as one line: `TypeError: bad`. */
export function failureOf(invocation: Invocation): string {
  const payload = payloadOf(invocation);
  const { errorType, errorMessage } = (payload ?? {}) as Record<string, unknown>;
  const parts = [errorType, errorMessage].filter((part) => typeof part === 'string' && part);
  return oneLine(parts.join(': ')) || `${invocation.functionError}`;
}

function invocationOf({ status, headers, body }: Answer): Invocation {
  const header = (name: string): string | null => {
    const value = headers[name];
    return typeof value === 'string' ? value : null;
  };
  const log = header('x-amz-log-result');
  return {
    statusCode: status,
    functionError: header('x-amz-function-error'),
    body,
    receipt: receiptOf(header('x-ballast-receipt')),
    log: log === null ? null : Buffer.from(log, 'base64').toString('utf8'),
  };
}

function receiptOf(header: string | null): Receipt | null {
  if (header === null) return null;
  try {
    return JSON.parse(header) as Receipt;
  } catch {
    return null;
  }
}
