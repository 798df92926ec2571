/** The log of one invocation, as Lambda writes it around what the function wrote. */
import type { InvocationRequest, InvocationResult, Receipt } from '../../model/invocation.js';
import { limits } from '../../model/limits.js';
import { errorTypeOf, timeoutMessage } from './failure.js';

/** The last 4 KiB: START, the function's own lines, END and REPORT. */
export function logTail(request: InvocationRequest, result: InvocationResult): Buffer {
  const { requestId, fn } = request;
  const written = Buffer.from(result.logTail);
  const endsLine = written.length === 0 || written.at(-1) === 0x0a;
  const log = Buffer.concat([
    Buffer.from(`START RequestId: ${requestId} Version: ${fn.version}\n`),
    written,
    Buffer.from(`${endsLine ? '' : '\n'}${ending(request, result)}`),
  ]);
  return log.subarray(Math.max(0, log.length - limits.logTailBytes));
}

function ending(request: InvocationRequest, result: InvocationResult): string {
  const { requestId } = request;
  const lines =
    result.failure?.kind === 'timeout' ? [`${requestId} ${timeoutMessage(request)}\n`] : [];
  return [...lines, `END RequestId: ${requestId}`, reportLine(request, result), ''].join('\n');
}

function reportLine(request: InvocationRequest, result: InvocationResult): string {
  const { receipt } = result;
  const fields = [
    `REPORT RequestId: ${request.requestId}`,
    `Duration: ${receipt.durationMs.toFixed(2)} ms`,
    `Billed Duration: ${receipt.billedMs} ms`,
    `Memory Size: ${receipt.requestedMib} MB`,
    `Max Memory Used: ${receipt.peakMib} MB`,
  ];
  return [...fields, ...startFields(receipt), ...statusFields(result)].join('\t');
}

/** A version that starts from a snapshot was initialised before: it is restored instead. */
function startFields({ initMs, restoreMs }: Receipt): string[] {
  if (restoreMs !== undefined) {
    return [
      `Restore Duration: ${restoreMs.toFixed(2)} ms`,
      `Billed Restore Duration: ${Math.ceil(restoreMs)} ms`,
    ];
  }
  return initMs > 0 ? [`Init Duration: ${initMs.toFixed(2)} ms`] : [];
}

function statusFields({ failure }: InvocationResult): string[] {
  if (failure === null) return [];
  if (failure.kind === 'timeout') return ['Status: timeout'];
  return ['Status: error', `Error Type: ${oneLine(errorTypeOf(failure))}`];
}

/** The name of an error comes out of the guest, and must not forge lines or fields of the log. */
function oneLine(text: string): string {
  return text.slice(0, 128).replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ');
}
