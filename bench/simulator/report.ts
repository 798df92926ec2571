/** A comparison as text. */
import { type Column, formatTable } from '../../src/cli/table.js';
import type { Holding } from './meter.js';
import type { Outcome } from './simulation.js';

export interface Comparison {
  readonly calls: number;
  /** Called, but without durations or memory in the trace. */
  readonly leftOut: number;
  readonly functions: number;
  readonly budgetMib: number;
  readonly seed: number;
  readonly outcomes: readonly Outcome[];
}

/** Calls that ended in any way. */
export function callsOf({ warm, cold, refused, timedOut }: Outcome): number {
  return warm + cold + refused + timedOut;
}

export function totalGibSeconds({ gibSeconds }: Outcome): number {
  return Object.values(gibSeconds).reduce((sum, part) => sum + part, 0);
}

/** Of the calls that were served. */
export function coldShare({ warm, cold }: Outcome): number {
  return cold / Math.max(1, warm + cold);
}

export function formatComparison(comparison: Comparison): string {
  const { calls, functions, leftOut, budgetMib, seed, outcomes } = comparison;
  const told = leftOut === 0 ? '' : ` (${leftOut} more have no durations or no memory)`;
  return [
    `One day, ${calls} calls of ${functions} functions${told}, ${budgetMib} MiB, seed ${seed}`,
    '',
    formatTable(servedColumns, outcomes),
    '',
    'GiB-seconds held',
    formatTable(heldColumns, outcomes),
    '',
  ].join('\n');
}

const servedColumns: readonly Column<Outcome>[] = [
  { title: 'policy', value: ({ policy }) => policy },
  { title: 'served', value: ({ warm, cold }) => warm + cold },
  { title: 'cold starts', value: ({ cold }) => cold },
  { title: 'cold share', value: (outcome) => `${(100 * coldShare(outcome)).toFixed(2)} %` },
  { title: 'ahead', value: ({ ahead }) => ahead },
  { title: 'queued', value: ({ queued }) => queued },
  { title: 'timed out', value: ({ timedOut }) => timedOut },
  { title: 'refused', value: ({ refused }) => refused },
  { title: 'delay, mean', value: ({ meanDelayMs }) => `${meanDelayMs.toFixed(1)} ms` },
  { title: '99th', value: ({ delay99Ms }) => `${delay99Ms.toFixed(0)} ms` },
];

const held = (holding: Holding): Column<Outcome> => ({
  title: holding,
  value: ({ gibSeconds }) => Math.round(gibSeconds[holding]),
});

const heldColumns: readonly Column<Outcome>[] = [
  { title: 'policy', value: ({ policy }) => policy },
  { title: 'in all', value: (outcome) => Math.round(totalGibSeconds(outcome)) },
  held('busy'),
  held('hot'),
  held('deflated'),
  held('starting'),
  held('ending'),
];
