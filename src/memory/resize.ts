/** Carries a plan out on one instance, and says where it stands whatever happens. */
import { AgentFailure } from '../agent/channel.js';
import type { GuestLimits, GuestMemory } from '../agent/messages.js';
import { BallastError } from '../model/errors.js';
import type { ResizeReport } from '../model/invocation.js';
import type { Elastic } from './elastic.js';
import type { Size, Step } from './plan.js';
import { accept, advance, type Progress, type Transaction } from './transaction.js';

/** The guest's half of a resize: `AgentClient` has it. */
export interface LimitSetter {
  claim(limits: GuestLimits): Promise<GuestMemory>;
  release(limits: GuestLimits): Promise<GuestMemory>;
}

export interface ResizeParts {
  readonly agent: LimitSetter;
  readonly elastic: Elastic;
  readonly limitsFor: (requestedMib: number) => GuestLimits;
  /** How long the guest may take to plug or unplug, all steps together. */
  readonly settleMs: number;
  /** Told of each state that the resize goes through. */
  readonly onProgress?: (transaction: Transaction) => void;
}

export interface ResizeOrder {
  readonly requestedMib: number;
  readonly from: Size;
  /** As `planResize` gave them. */
  readonly steps: readonly Step[];
}

export interface ResizeOutcome {
  readonly size: Size;
  readonly report: ResizeReport;
}

/**
 * Runs the steps in order. A guest that keeps more than it was asked to is no error: the function
 * gets its exact limit all the same, and the resize is `partial`: the host still waits for the
 * rest. One that has less is brought back and thrown, since the function could not use what was
 * asked for.
 * @throws BallastError MEMORY_HELD, RESIZE_UNSETTLED, INSTANCE_BUSY, after which the instance is as
 * good as before; their details carry `pluggedMib` and `limitMib`
 */
export async function resize(parts: ResizeParts, order: ResizeOrder): Promise<ResizeOutcome> {
  return new Resizing(parts, order).run();
}

class Resizing {
  readonly #parts: ResizeParts;
  readonly #steps: readonly Step[];
  readonly #startedMs = performance.now();
  #transaction: Transaction;
  #settled = true;

  constructor(parts: ResizeParts, { requestedMib, from, steps }: ResizeOrder) {
    this.#parts = parts;
    this.#steps = steps;
    this.#transaction = accept(requestedMib, from);
    parts.onProgress?.(this.#transaction);
  }

  async run(): Promise<ResizeOutcome> {
    this.#advance({ kind: 'begun' });
    try {
      for (const step of this.#steps) {
        const size = await this.#take(step);
        this.#advance({ kind: 'reached', size });
      }
    } catch (error) {
      const size = await this.#standing();
      this.#advance({ kind: 'failed', size });
      throw error instanceof Refusal ? error.told(size) : error;
    }
    this.#advance({ kind: 'finished', settled: this.#settled });
    return { size: this.#transaction.size, report: await this.#report() };
  }

  #take(step: Step): Promise<Size> {
    return step.kind === 'claim' || step.kind === 'release'
      ? this.#setLimits(step.kind, step.limitMib)
      : this.#plug(step.pluggedMib);
  }

  async #setLimits(kind: 'claim' | 'release', limitMib: number): Promise<Size> {
    const { size } = this.#transaction;
    try {
      await this.#parts.agent[kind](this.#parts.limitsFor(limitMib));
    } catch (error) {
      throw error instanceof AgentFailure ? refusal(error, limitMib) : error;
    }
    return { ...size, limitMib };
  }

  async #plug(targetMib: number): Promise<Size> {
    const { elastic, settleMs } = this.#parts;
    const { size } = this.#transaction;
    await elastic.request(targetMib);
    const leftMs = Math.max(0, settleMs - (performance.now() - this.#startedMs));
    const { settled, pluggedMib } = await elastic.settle(targetMib, leftMs);
    if (!settled && pluggedMib < targetMib) throw await this.#takeBack(targetMib, pluggedMib);
    this.#settled = settled;
    return { ...size, pluggedMib };
  }

  /** Brings the instance back to what it had before its first step. */
  async #takeBack(targetMib: number, reachedMib: number): Promise<Error> {
    const { elastic, settleMs } = this.#parts;
    const { pluggedMib } = this.#transaction.from;
    await elastic.request(pluggedMib);
    await elastic.settle(pluggedMib, settleMs);
    return new Refusal((size) => {
      const message =
        `The guest took ${reachedMib} of ${targetMib} MiB within ${settleMs} ms. ` +
        `The instance stands at ${size.pluggedMib} MiB again; ` +
        `its function may use ${size.limitMib} MiB.`;
      return new BallastError('RESIZE_UNSETTLED', message, { details: { ...size } });
    });
  }

  /** After a failure, the truth about what is plugged is QEMU's. */
  async #standing(): Promise<Size> {
    const { size } = this.#transaction;
    const pluggedMib = await this.#parts.elastic.pluggedMib().catch(() => size.pluggedMib);
    return { ...size, pluggedMib };
  }

  async #report(): Promise<ResizeReport> {
    const { elastic } = this.#parts;
    const { from, size, state } = this.#transaction;
    const hasMoved = this.#steps.some(({ kind }) => kind === 'plug' || kind === 'unplug');
    const hasClaimed = size.pluggedMib < from.pluggedMib;
    return {
      mechanism: hasMoved ? elastic.mechanism : 'none',
      ms: Math.round((performance.now() - this.#startedMs) * 1000) / 1000,
      settled: this.#settled,
      state: state === 'partial' ? 'partial' : 'settled',
      returned: !hasClaimed || (await elastic.returnsMemory()),
    };
  }

  #advance(progress: Progress): void {
    this.#transaction = advance(this.#transaction, progress);
    this.#parts.onProgress?.(this.#transaction);
  }
}

/** What left the instance as good as it was; who asked is told when it is known how it stands. */
class Refusal extends Error {
  readonly told: (size: Size) => BallastError;

  constructor(told: (size: Size) => BallastError) {
    super('The resize was refused.');
    this.told = told;
  }
}

/** Why the agent would not change the limits, in the words of whoever asked for a size. */
function refusal(cause: AgentFailure, limitMib: number): Error {
  if (cause.code === 'busy') {
    const message =
      'The function is being started or ended, so its memory cannot change. Try again.';
    return new Refusal(
      (size) => new BallastError('INSTANCE_BUSY', message, { cause, details: { ...size } }),
    );
  }
  if (cause.code !== 'memory-held') return cause;
  const heldMib = Math.ceil((cause.heldBytes ?? 0) / (1024 * 1024));
  return new Refusal((size) => {
    const message =
      `The function holds ${heldMib} MiB in use, so its instance cannot shrink to ` +
      `${limitMib} MiB; it stays at ${size.limitMib} MiB. ` +
      'Ask for more than it holds, or evict the instance.';
    return new BallastError('MEMORY_HELD', message, { cause, details: { ...size, heldMib } });
  });
}
