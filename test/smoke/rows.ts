/** What the smoke test measured, judged and printed. */
import type { Receipt } from '../../src/model/invocation.js';

export interface SmokeRow {
  /** What the function saw in its guest. */
  readonly guest: { readonly memTotalMib: number; readonly memoryMaxMib: number | null };
  readonly receipt: Receipt;
}

/** Both figures were rounded to whole MiB. */
const roundingMib = 1;

/** What does not hold of the last row, given those before it. */
export function faultsOf(rows: readonly SmokeRow[]): string[] {
  const first = rows[0];
  const last = rows.at(-1);
  if (first === undefined || last === undefined) return ['nothing was measured'];
  const { guest, receipt } = last;
  const grownMib = receipt.pluggedMib - first.receipt.pluggedMib;
  const seenMib = guest.memTotalMib - first.guest.memTotalMib;
  const claims: [boolean, string][] = [
    [guest.memoryMaxMib === receipt.requestedMib, 'memory.max is not what was asked'],
    [receipt.limitMib === receipt.requestedMib, 'the receipt has another limit'],
    [receipt.pluggedMib >= receipt.requestedMib, 'less is plugged than was asked'],
    [guest.memTotalMib >= receipt.requestedMib, 'MemTotal is less than was asked'],
    [Math.abs(seenMib - grownMib) <= roundingMib, 'MemTotal did not follow what was plugged'],
    [receipt.instanceId === first.receipt.instanceId, 'another instance served it'],
    [receipt.start === (last === first ? 'clone' : 'warm'), 'it was not a clone, and warm then'],
    [receipt.resize.settled, 'the resize did not settle'],
  ];
  return claims.filter(([holds]) => !holds).map(([, fault]) => fault);
}

const columns = ['asked', 'memory.max', 'MemTotal', 'plugged', 'start', 'resize', 'instance'];
const width = 12;
const line = (cells: readonly string[]) => cells.map((cell) => cell.padEnd(width)).join('');

export const tableHead = line([...columns, '', 'faults']);

export function tableLine({ guest, receipt }: SmokeRow, faults: readonly string[]): string {
  return line([
    `${receipt.requestedMib} MiB`,
    `${guest.memoryMaxMib} MiB`,
    `${guest.memTotalMib} MiB`,
    `${receipt.pluggedMib} MiB`,
    receipt.start,
    receipt.start === 'warm' ? `${receipt.resize.ms.toFixed(0)} ms` : '-',
    receipt.instanceId,
    '',
    faults.length === 0 ? 'none' : faults.join('; '),
  ]).trimEnd();
}
