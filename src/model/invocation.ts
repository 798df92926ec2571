import type { FunctionRecord } from './function.js';

/** How an instance came to serve an invocation. */
export type StartKind = 'warm' | 'clone' | 'boot';

/** What one resize did. `settled` is false when the host still waits for memory the guest holds. */
export interface ResizeReport {
  readonly mechanism: 'none' | 'virtio-mem';
  readonly ms: number;
  readonly settled: boolean;
}

/** What one invocation got. Sent, as one line of JSON, in the header `x-ballast-receipt`. */
export interface Receipt {
  readonly requestId: string;
  readonly functionName: string;
  readonly instanceId: string;
  readonly start: StartKind;
  readonly requestedMib: number;
  /** The instance's size before this request; 0 where it was started for it. */
  readonly fromMib: number;
  /** What virtio-mem reports: at least `requestedMib`, a multiple of its block. */
  readonly pluggedMib: number;
  /** The guest cgroup's `memory.max`: exactly what the function may use. */
  readonly limitMib: number;
  /** The highest use that was seen during this invocation. */
  readonly peakMib: number;
  readonly resize: ResizeReport;
  /** Time between the request's arrival and the moment an instance was its own. */
  readonly queueMs: number;
  /** Time to boot, where that was needed, and to initialise the runtime; 0 on a warm start. */
  readonly initMs: number;
  readonly durationMs: number;
  readonly billedMs: number;
}

/** One call of a function, as the API hands it to the scheduler. */
export interface InvocationRequest {
  readonly requestId: string;
  readonly fn: FunctionRecord;
  readonly requestedMib: number;
  readonly payload: Uint8Array;
  /** Decoded JSON of the header `X-Amz-Client-Context`, handed to the runtime as it is. */
  readonly clientContext?: string;
  /** Aborted when the client has gone: a queued invocation is then dropped. */
  readonly signal?: AbortSignal;
}

/** Why a function did not answer by itself. The words of each are the API's business. */
export type FunctionFailure =
  | { readonly kind: 'error'; readonly errorType: string }
  | { readonly kind: 'exit'; readonly exitCode: number | null; readonly signal: string | null }
  | { readonly kind: 'out-of-memory' }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'response-too-large'; readonly bytes: number };

/** What became of an invocation that ran. What could not run at all is a thrown `BallastError`. */
export interface InvocationResult {
  /** The function's answer, or the error object that its runtime posted (may be empty). */
  readonly payload: Uint8Array;
  /** Null when the function answered. */
  readonly failure: FunctionFailure | null;
  /** The end of what the function wrote to stdout and stderr: at most 4 KiB. */
  readonly logTail: Uint8Array;
  readonly receipt: Receipt;
}
