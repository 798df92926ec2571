/** Who is told what invocations and resizes come to. It must not fail, nor take long. */
import type { ErrorCode } from './errors.js';
import type { FunctionFailure, ResizeReport, ResizeState, StartKind } from './invocation.js';

export interface InvocationEnd {
  /** `answered`, the kind of the function's failure, or the code of what kept it from running. */
  readonly outcome: 'answered' | FunctionFailure['kind'] | ErrorCode;
  /** `none` where it did not run. */
  readonly start: StartKind | 'none';
  readonly queueMs: number;
  /** Null where it did not run. */
  readonly durationMs: number | null;
}

export interface ResizeEnd {
  readonly mechanism: ResizeReport['mechanism'];
  readonly state: Extract<ResizeState, 'settled' | 'partial' | 'failed'>;
  readonly ms: number;
}

export interface Observer {
  invoked(end: InvocationEnd): void;
  resized(end: ResizeEnd): void;
}
