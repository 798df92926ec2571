/** The receipt of an invocation, out of what its stages measured. Pure. */
import type { InvocationRequest, Receipt, ResizeReport, StartKind } from '../model/invocation.js';

export interface Stages {
  readonly instanceId: string;
  readonly start: StartKind;
  readonly fromMib: number;
  readonly pluggedMib: number;
  readonly limitMib: number;
  readonly peakMib: number;
  readonly cpuMillis: number;
  readonly storageMib: number;
  readonly resize: ResizeReport;
  readonly queueMs: number;
  readonly initMs: number;
  /** Set where the function had initialised before its machine was cloned. */
  readonly restoreMs?: number;
  readonly durationMs: number;
}

export function receiptOf(request: InvocationRequest, stages: Stages): Receipt {
  return {
    requestId: request.requestId,
    functionName: request.fn.functionName,
    instanceId: stages.instanceId,
    start: stages.start,
    requestedMib: request.requestedMib,
    killedAtMib: null,
    fromMib: stages.fromMib,
    pluggedMib: stages.pluggedMib,
    limitMib: stages.limitMib,
    peakMib: stages.peakMib,
    cpuMillis: stages.cpuMillis,
    storageMib: stages.storageMib,
    resize: { ...stages.resize, ms: rounded(stages.resize.ms) },
    queueMs: rounded(stages.queueMs),
    initMs: rounded(stages.initMs),
    ...(stages.restoreMs === undefined ? {} : { restoreMs: rounded(stages.restoreMs) }),
    durationMs: rounded(stages.durationMs),
    billedMs: Math.max(1, Math.ceil(stages.durationMs)),
  };
}

/** Microseconds are as fine as the clocks here are worth. */
function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
