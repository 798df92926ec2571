/** Reads what an invocation carries besides the name of its function. */
import { BallastError } from '../../model/errors.js';
import { limits } from '../../model/limits.js';

export type InvocationType = 'RequestResponse' | 'DryRun';

type Header = string | string[] | undefined;

/** @throws BallastError INVALID_PARAMETER, NOT_IMPLEMENTED */
export function readInvocationType(header: Header): InvocationType {
  if (header === undefined || header === 'RequestResponse') return 'RequestResponse';
  if (header === 'DryRun') return 'DryRun';
  if (header === 'Event') {
    throw new BallastError(
      'NOT_IMPLEMENTED',
      "X-Amz-Invocation-Type is 'Event', and invocations whose answer nobody waits for are not " +
        'offered yet: RequestResponse and DryRun are.',
    );
  }
  throw badHeader('X-Amz-Invocation-Type', header, 'RequestResponse and DryRun are allowed');
}

/** Whether the answer carries the end of the log. @throws BallastError INVALID_PARAMETER */
export function readLogType(header: Header): boolean {
  if (header === undefined || header === 'None') return false;
  if (header === 'Tail') return true;
  throw badHeader('X-Amz-Log-Type', header, 'None and Tail are allowed');
}

/**
 * The size that was asked for, or the function's own. @throws BallastError INVALID_PARAMETER
 * @param recommendedMib What `auto` means; null where nothing is recommended yet
 */
export function readRequestedMib(
  header: Header,
  functionMib: number,
  recommendedMib: () => number | null,
): number {
  if (header === undefined) return functionMib;
  if (header === 'auto') return recommendedMib() ?? functionMib;
  const { minMemoryMib, maxMemoryMib } = limits;
  const mib = wholeNumber(header);
  if (mib >= minMemoryMib && mib <= maxMemoryMib) return mib;
  const allowed =
    `a whole number of MiB from ${minMemoryMib} to ${maxMemoryMib} is allowed, or auto for what ` +
    "the function's invocations have needed";
  throw badHeader('x-ballast-memory-mib', header, allowed);
}

/**
 * The share of the processor that was asked for, in thousandths of a vCPU; null for what comes with
 * the memory. @throws BallastError INVALID_PARAMETER
 */
export function readCpuMillis(header: Header, maxCpuMillis: number): number | null {
  if (header === undefined) return null;
  const { minCpuMillis } = limits;
  const millis = wholeNumber(header);
  if (millis >= minCpuMillis && millis <= maxCpuMillis) return millis;
  const allowed =
    `a whole number from ${minCpuMillis} to ${maxCpuMillis} is allowed, ` +
    `1000 for each of the vCPUs (${maxCpuMillis / 1000}) that an instance has on this host`;
  throw badHeader('x-ballast-cpu-millis', header, allowed);
}

/** What the invocation may keep in `/tmp`. @throws BallastError INVALID_PARAMETER */
export function readStorageMib(header: Header, functionMib: number): number {
  if (header === undefined) return functionMib;
  const { minEphemeralMib, maxEphemeralMib } = limits;
  const mib = wholeNumber(header);
  if (mib >= minEphemeralMib && mib <= maxEphemeralMib) return mib;
  const allowed = `a whole number of MiB from ${minEphemeralMib} to ${maxEphemeralMib} is allowed`;
  throw badHeader('x-ballast-storage-mib', header, allowed);
}

/** The JSON of the client context, on one line. @throws BallastError INVALID_PAYLOAD */
export function readClientContext(header: Header): string | undefined {
  if (header === undefined) return undefined;
  const json = Buffer.from(String(header), 'base64');
  // The guest hands it on in a header. JSON has line breaks between its parts only.
  if (jsonFault(json) === null) return json.toString('utf8').replace(/[\r\n]/g, ' ');
  throw new BallastError(
    'INVALID_PAYLOAD',
    'X-Amz-Client-Context is not the base64 of JSON text. Encode it so, or leave it out.',
  );
}

/**
 * The event that the function gets: an empty payload is `{}`. @throws BallastError INVALID_PAYLOAD
 */
export function readPayload(body: unknown): Uint8Array {
  if (!Buffer.isBuffer(body) || body.length === 0) return Buffer.from('{}');
  const fault = jsonFault(body);
  if (fault === null) return body;
  throw new BallastError(
    'INVALID_PAYLOAD',
    `Could not parse request body into json: ${fault}. Send one JSON value in UTF-8.`,
  );
}

function jsonFault(bytes: Buffer): string | null {
  try {
    // A byte order mark is not JSON, and runtimes refuse it.
    JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** 0 where it is none, which no header allows. */
function wholeNumber(header: Header): number {
  return typeof header === 'string' && /^[1-9]\d{0,5}$/.test(header) ? Number(header) : 0;
}

function badHeader(name: string, value: Header, allowed: string): BallastError {
  return new BallastError(
    'INVALID_PARAMETER',
    `${name} is '${String(value).slice(0, 100)}': ${allowed}.`,
  );
}
