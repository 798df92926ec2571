/** How an invocation ended, out of what the guest says of it. */
import type { Answer } from '../agent/client.js';
import type { GuestMemory, InvokeReply, StartReply } from '../agent/messages.js';
import type { FunctionFailure } from '../model/invocation.js';
import { limits } from '../model/limits.js';

export interface Ending {
  readonly failure: FunctionFailure | null;
  readonly payload: Uint8Array;
  readonly logTail: Uint8Array;
  readonly durationMs: number;
  readonly peakMib: number;
  /** What the function's cgroup held when it ended, caches included. */
  readonly heldMib: number;
}

const bytesPerMib = 1024 * 1024;
const noBytes = new Uint8Array(0);

/** The ending of an invocation. */
export function endingOf(
  answer: Answer<InvokeReply>,
  clock: { readonly timedOut: boolean; readonly timeoutMs: number },
): Ending {
  const { head, body } = answer;
  const failure = invocationFailure(head, body, clock.timedOut);
  const hasPayload = failure === null || failure.kind === 'error';
  return {
    failure,
    payload: hasPayload ? body : noBytes,
    logTail: logTailOf(head.logTail),
    durationMs: failure?.kind === 'timeout' ? clock.timeoutMs : head.durationMs,
    ...useOf(head.memory),
  };
}

/** The ending of a start that did not lead to a running runtime. */
export function startFailure(answer: Answer<StartReply>): Ending {
  const { head, body } = answer;
  const failure = runtimeFailure(head);
  return {
    failure,
    payload: failure.kind === 'error' ? body : noBytes,
    logTail: logTailOf(head.logTail),
    durationMs: head.initMs,
    ...useOf(head.memory),
  };
}

/**
 * Base64 comes in steps of three bytes, so that the longest text is of more than the longest tail.
 */
function logTailOf(base64: string): Uint8Array {
  return Buffer.from(base64, 'base64').subarray(-limits.logTailBytes);
}

function useOf({ peakBytes, currentBytes }: GuestMemory): Pick<Ending, 'peakMib' | 'heldMib'> {
  return {
    peakMib: Math.ceil(peakBytes / bytesPerMib),
    heldMib: Math.ceil(currentBytes / bytesPerMib),
  };
}

function invocationFailure(
  head: InvokeReply,
  body: Uint8Array,
  timedOut: boolean,
): FunctionFailure | null {
  if (head.outcome === 'response') {
    // The agent bounds responses, but the guest is not trusted to.
    if (body.length <= limits.maxPayloadBytes) return null;
    return { kind: 'response-too-large', bytes: body.length };
  }
  if (head.outcome === 'too-large') {
    return { kind: 'response-too-large', bytes: head.responseBytes ?? limits.maxPayloadBytes + 1 };
  }
  if (timedOut && head.outcome !== 'error') return { kind: 'timeout' };
  return runtimeFailure(head);
}

function runtimeFailure(head: {
  readonly outcome: string;
  readonly errorType?: string;
  readonly exitCode?: number | null;
  readonly signal?: string | null;
}): FunctionFailure {
  switch (head.outcome) {
    case 'error':
      return { kind: 'error', errorType: head.errorType ?? 'Runtime.Unknown' };
    case 'out-of-memory':
      return { kind: 'out-of-memory' };
    case 'timeout':
      return { kind: 'timeout' };
    default:
      return { kind: 'exit', exitCode: head.exitCode ?? null, signal: head.signal ?? null };
  }
}
