/** The receipt of an invocation, for people. Pure. */
import type { Receipt } from '../model/invocation.js';

/** `512 MiB (from 128), resized by virtio-mem in 12.3 ms, warm ...`: one line. */
export function formatReceipt(receipt: Receipt): string {
  const { start, requestedMib, fromMib, peakMib, instanceId } = receipt;
  const size = fromMib === 0 ? `${requestedMib} MiB` : `${requestedMib} MiB (from ${fromMib})`;
  return [
    `${start} start of ${instanceId}`,
    size,
    ...resizePart(receipt),
    `plugged ${receipt.pluggedMib}, limit ${receipt.limitMib}, peak ${peakMib} MiB`,
    `queued ${formatMs(receipt.queueMs)}`,
    ...(start === 'warm' ? [] : [`init ${formatMs(receipt.initMs)}`]),
    `ran ${formatMs(receipt.durationMs)}`,
  ].join(', ');
}

export function formatMs(ms: number): string {
  return ms < 1000 ? `${ms.toFixed(1)} ms` : `${(ms / 1000).toFixed(2)} s`;
}

function resizePart({ resize }: Receipt): string[] {
  if (resize.mechanism === 'none') return [];
  const settled = resize.settled ? '' : ', not settled';
  return [`resized by ${resize.mechanism} in ${formatMs(resize.ms)}${settled}`];
}
