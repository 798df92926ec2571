/** The receipt of an invocation, for people. Pure. */
import type { Receipt } from '../model/invocation.js';

/** `512 MiB (from 128), resized by virtio-mem in 12.3 ms, warm ...`: one line. */
export function formatReceipt(receipt: Receipt): string {
  const { start, requestedMib, fromMib, killedAtMib, peakMib, instanceId } = receipt;
  const size = fromMib === 0 ? `${requestedMib} MiB` : `${requestedMib} MiB (from ${fromMib})`;
  const again = killedAtMib === null ? [] : [`run again after it was killed at ${killedAtMib} MiB`];
  return [
    `${start} start of ${instanceId}`,
    size,
    ...again,
    ...resizePart(receipt),
    `plugged ${receipt.pluggedMib}, limit ${receipt.limitMib}, peak ${peakMib} MiB`,
    `${(receipt.cpuMillis / 1000).toFixed(2)} vCPU`,
    `storage ${receipt.storageMib} MiB`,
    `queued ${formatMs(receipt.queueMs)}`,
    ...startPart(receipt),
    `ran ${formatMs(receipt.durationMs)}`,
  ].join(', ');
}

export function formatMs(ms: number): string {
  return ms < 1000 ? `${ms.toFixed(1)} ms` : `${(ms / 1000).toFixed(2)} s`;
}

function startPart({ start, initMs, restoreMs }: Receipt): string[] {
  if (restoreMs !== undefined) return [`restored in ${formatMs(restoreMs)}`];
  return start === 'warm' ? [] : [`init ${formatMs(initMs)}`];
}

function resizePart({ resize }: Receipt): string[] {
  if (resize.mechanism === 'none') return [];
  const settled = resize.settled ? '' : ', not settled';
  return [`resized by ${resize.mechanism} in ${formatMs(resize.ms)}${settled}`];
}
