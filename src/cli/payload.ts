/** The payload of an invocation, from the command line, a file or standard input. */
import { createReadStream } from 'node:fs';
import { limits } from '../model/limits.js';
import { CliError, messageOf, usageError } from './failure.js';

export interface PayloadOptions {
  readonly payload?: string;
  readonly payloadFile?: string;
}

/** JSON, as it was given; `{}` where none was. @throws CliError where it is no JSON or too large */
export async function readPayload({ payload, payloadFile }: PayloadOptions): Promise<Buffer> {
  const bytes =
    payloadFile === undefined ? Buffer.from(payload ?? '{}') : await readBounded(payloadFile);
  if (bytes.length > limits.maxPayloadBytes) throw tooLarge();
  try {
    JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw usageError(`The payload is not JSON: ${messageOf(error)}.`);
  }
  return bytes;
}

async function readBounded(file: string): Promise<Buffer> {
  const source = file === '-' ? process.stdin : createReadStream(file);
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of source) {
      bytes += chunk.length;
      if (bytes > limits.maxPayloadBytes) throw tooLarge();
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw usageError(`The payload cannot be read: ${messageOf(error)}.`);
  }
  return Buffer.concat(chunks);
}

function tooLarge(): CliError {
  return usageError(`The payload is larger than ${limits.maxPayloadBytes} bytes (6 MiB).`);
}
