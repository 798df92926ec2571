import type { FunctionRecord } from './function.js';

/**
 * How an instance came to serve an invocation: it was there (`warm`), or it began as a
 * copy-on-write `clone` of a template, by reading a template's whole state (`restore`), or with a
 * `boot`.
 */
export type StartKind = 'warm' | 'clone' | 'restore' | 'boot';

/**
 * Where a resize stands. `accepted`: admitted, not yet begun. `converging`: on its way. `settled`:
 * the size is exact. `partial`: the function has its exact limit and the guest still keeps memory
 * that the host waits for. `failed`: the size was not reached.
 */
export type ResizeState = 'accepted' | 'converging' | 'settled' | 'partial' | 'failed';

/** What one resize did. */
export interface ResizeReport {
  /** How memory moved; none where only the limit changed, or nothing. */
  readonly mechanism: 'none' | 'virtio-mem' | 'balloon' | 'process';
  readonly ms: number;
  /** False when the host still waits for memory that the guest holds. */
  readonly settled: boolean;
  readonly state: Extract<ResizeState, 'settled' | 'partial'>;
  /** False when the host does not get back what was claimed, though the function's size changed. */
  readonly returned: boolean;
}

/** What one invocation got. Sent, as one line of JSON, in the header `x-ballast-receipt`. */
export interface Receipt {
  readonly requestId: string;
  readonly functionName: string;
  readonly instanceId: string;
  readonly start: StartKind;
  /** What was asked for; twice that where it was run again. */
  readonly requestedMib: number;
  /** The size at which it was killed for memory, to be run again; null as a rule. */
  readonly killedAtMib: number | null;
  /** The instance's size before this request; 0 where it was started for it. */
  readonly fromMib: number;
  /** What virtio-mem reports: at least `requestedMib`, a multiple of its block. */
  readonly pluggedMib: number;
  /** The guest cgroup's `memory.max`: exactly what the function may use. */
  readonly limitMib: number;
  /** The highest use that was seen during this invocation. */
  readonly peakMib: number;
  /** Its share of the processor, in thousandths of a vCPU. */
  readonly cpuMillis: number;
  /** What it may keep in `/tmp`. */
  readonly storageMib: number;
  readonly resize: ResizeReport;
  /** Time between the request's arrival and the moment an instance was its own. */
  readonly queueMs: number;
  /** Time to boot, where that was needed, and to initialise the runtime; 0 on a warm start. */
  readonly initMs: number;
  readonly durationMs: number;
  readonly billedMs: number;
  /**
   * Time to restore a snapshot of the version and to run its hooks; absent where the invocation
   * waited for no such thing.
   */
  readonly restoreMs?: number;
}

/** One call of a function, as the API hands it to the scheduler. */
export interface InvocationRequest {
  readonly requestId: string;
  readonly fn: FunctionRecord;
  /** The version as the caller named it; absent where it was not named. */
  readonly qualifier?: string;
  readonly requestedMib: number;
  /** Thousandths of a vCPU; null for what comes with the memory. */
  readonly cpuMillis: number | null;
  /** What it may keep in `/tmp`. */
  readonly storageMib: number;
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
