/** Where a resize stands, from the moment it is admitted to its end. Pure. */
import type { ResizeState } from '../model/invocation.js';
import type { Size } from './plan.js';

export interface Transaction {
  readonly requestedMib: number;
  /** How the instance stood before. */
  readonly from: Size;
  readonly state: ResizeState;
  /** The size reached so far; where it is over, the size at which it ended. */
  readonly size: Size;
}

export type Progress =
  | { readonly kind: 'begun' }
  | { readonly kind: 'reached'; readonly size: Size }
  /** `settled` is false where the guest keeps more than it was asked to. */
  | { readonly kind: 'finished'; readonly settled: boolean }
  | { readonly kind: 'failed'; readonly size: Size };

export function accept(requestedMib: number, from: Size): Transaction {
  return { requestedMib, from, state: 'accepted', size: from };
}

export function isOver({ state }: Transaction): boolean {
  return state !== 'accepted' && state !== 'converging';
}

/** @throws Error for progress that cannot follow: only a fault of the caller makes it */
export function advance(transaction: Transaction, progress: Progress): Transaction {
  const { state } = transaction;
  switch (progress.kind) {
    case 'begun':
      if (state === 'accepted') return { ...transaction, state: 'converging' };
      break;
    case 'reached':
      if (state === 'converging') return { ...transaction, size: progress.size };
      break;
    case 'finished':
      if (state !== 'converging') break;
      return { ...transaction, state: progress.settled ? 'settled' : 'partial' };
    case 'failed':
      if (isOver(transaction)) break;
      return { ...transaction, state: 'failed', size: progress.size };
  }
  throw new Error(`A resize that is ${state} cannot be ${progress.kind}.`);
}
