import { type CallOptions, call } from './call.js';
import { QmpError } from './errors.js';
import type { NativeDomain } from './native-domain.js';

interface QmpReply {
  readonly return?: unknown;
  readonly error?: { readonly class?: string; readonly desc?: string };
}

/**
 * The text of a monitor command; libvirt adds the id. Arguments that are none are left out: QEMU
 * reads its monitor byte by byte, with several system calls for each.
 */
export function toQmpText(command: string, args: Readonly<Record<string, unknown>>): string {
  if (typeof command !== 'string' || command === '') {
    throw new TypeError(
      `command must be the name of a QMP command, not ${JSON.stringify(command)}`,
    );
  }
  if (typeof args !== 'object' || args === null || Array.isArray(args)) {
    throw new TypeError(
      `args of ${command} must be an object by the arguments' names, not ${JSON.stringify(args)}`,
    );
  }
  const hasArguments = Object.keys(args).length > 0;
  return JSON.stringify({ execute: command, ...(hasArguments && { arguments: args }) });
}

/** QEMU's commands of these names change nothing, so that callers who wait may share an answer. */
function isQuery(command: string): boolean {
  return command.startsWith('query-');
}

/** What the monitor returned, or its error as a {@link QmpError}. */
export function fromQmpText(command: string, text: string): unknown {
  const reply = JSON.parse(text) as QmpReply;
  if (reply.error !== undefined) {
    throw new QmpError(
      command,
      reply.error.class ?? 'GenericError',
      reply.error.desc ?? 'QEMU gave no description',
    );
  }
  return reply.return;
}

/** Runs a command of QEMU's monitor and gives what it returned. */
export async function runQmp<T>(
  native: NativeDomain,
  command: string,
  args: Readonly<Record<string, unknown>>,
  options: CallOptions,
): Promise<T> {
  const text = toQmpText(command, args);
  const reply = await call(options.signal, (token) =>
    isQuery(command) ? native.monitorQuery(text, token) : native.monitorCommand(text, token),
  );
  return fromQmpText(command, reply) as T;
}
