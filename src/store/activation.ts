/**
 * How published versions come to be active: each that wants a snapshot waits for it, over a restart
 * if need be, and the store keeps how that ended.
 */
import type { Logger } from 'pino';
import { BallastError } from '../model/errors.js';
import type { FunctionRecord, VersionState } from '../model/function.js';
import type { SnapshotService } from '../model/service.js';
import type { Store } from './store.js';

/** A reason may quote what a guest said. */
const maxReasonCharacters = 1_000;

export class Activation {
  readonly #store: Store;
  readonly #snapshots: SnapshotService;
  readonly #logger: Logger;
  /** Versions whose snapshot is being made, by their revision. */
  readonly #underWay = new Set<string>();
  #closed = false;

  constructor(store: Store, snapshots: SnapshotService, logger: Logger) {
    this.#store = store;
    this.#snapshots = snapshots;
    this.#logger = logger;
  }

  /** Asks for the snapshots that an earlier service was asked for and did not make. */
  resume(): void {
    for (const fn of this.#store.pending()) this.begin(fn);
  }

  /** Asks for a version's snapshot, if it waits for one. Asking twice is asking once. */
  begin(fn: FunctionRecord): void {
    if (fn.state.kind !== 'pending' || this.#underWay.has(fn.revisionId)) return;
    this.#underWay.add(fn.revisionId);
    void this.#activate(fn).finally(() => this.#underWay.delete(fn.revisionId));
  }

  /** What ends from now on is not noted: the next service asks again. */
  close(): void {
    this.#closed = true;
  }

  async #activate(fn: FunctionRecord): Promise<void> {
    const { functionName, version } = fn;
    try {
      const state = await this.#outcome(fn);
      if (state.kind === 'pending' || this.#closed) return;
      this.#store.settle(fn, state);
      this.#logger.info({ functionName, version, state }, 'version settled');
    } catch (err) {
      this.#logger.error({ functionName, version, err }, 'how a version ended was not noted');
    }
  }

  async #outcome(fn: FunctionRecord): Promise<VersionState> {
    try {
      await this.#store.use(fn, () => this.#snapshots.request(fn));
      return { kind: 'active' };
    } catch (error) {
      const { functionName, version } = fn;
      this.#logger.warn({ functionName, version, err: error }, 'a version has no snapshot');
      return stateAfter(error);
    }
  }
}

function stateAfter(error: unknown): VersionState {
  if (!(error instanceof BallastError) || error.code === 'INTERNAL') {
    const reason = 'The service could not make its snapshot; the log of the service says why.';
    return { kind: 'failed', fault: 'service', reason };
  }
  if (error.code === 'SHUTTING_DOWN') return { kind: 'pending' };
  const fault = error.code === 'VERSION_FAILED' ? 'function' : 'service';
  return { kind: 'failed', fault, reason: oneLine(error.message) };
}

function oneLine(text: string): string {
  return text.slice(0, maxReasonCharacters).replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');
}
