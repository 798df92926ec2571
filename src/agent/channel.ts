/**
 * One connection to a guest's agent: requests out, answers and events in. Ends for good at the
 * first broken rule, because a guest that breaks one cannot be believed about where the next frame
 * begins.
 */
import type { Duplex } from 'node:stream';
import { BallastError } from '../model/errors.js';
import { encodeFrame, type Frame, FrameDecoder, frameTypes } from './codec.js';
import { type AgentFailureHead, failureHead } from './messages.js';

/** Requests that may be waiting at once; the protocol needs two, a `stop` beside an `invoke`. */
const maxPending = 8;

/** The agent refused a request, or could not carry it out. `code` is one of the protocol's. */
export class AgentFailure extends Error {
  readonly code: string;
  readonly heldBytes: number | undefined;

  constructor(op: string, head: AgentFailureHead) {
    super(`The guest refused '${op}': ${head.code}: ${head.message}`);
    this.name = 'AgentFailure';
    this.code = head.code;
    this.heldBytes = head.heldBytes;
  }
}

interface Pending {
  readonly op: string;
  readonly resolve: (frame: Frame) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

export class Channel {
  readonly #stream: Duplex;
  readonly #decoder = new FrameDecoder();
  readonly #pending = new Map<number, Pending>();
  readonly #onEvent: (head: unknown) => void;
  readonly #onEnd: (error: Error) => void;
  #nextId = 1;
  #ended: Error | null = null;

  constructor(
    stream: Duplex,
    handlers: {
      readonly onEvent: (head: unknown) => void;
      /** Called once, when the channel is of no more use, with the reason. */
      readonly onEnd: (error: Error) => void;
    },
  ) {
    this.#stream = stream;
    this.#onEvent = handlers.onEvent;
    this.#onEnd = handlers.onEnd;
    stream.on('data', (chunk: Buffer) => this.#receive(chunk));
    stream.on('error', (cause) => this.end(lost('the channel to the guest failed', cause)));
    stream.on('close', () => this.end(lost('the channel to the guest was closed')));
  }

  /**
   * Sends a request and waits for its answer.
   * @throws AgentFailure when the agent refuses; BallastError GUEST_TIMEOUT after `timeoutMs`,
   * INSTANCE_LOST or GUEST_PROTOCOL when the channel ends
   */
  async request(
    op: string,
    fields: object,
    options: { readonly body?: Uint8Array; readonly timeoutMs: number },
  ): Promise<Frame> {
    if (this.#ended !== null) throw this.#ended;
    if (this.#pending.size >= maxPending) {
      const message = `'${op}' is one too many: ${maxPending} requests wait for the guest already.`;
      throw new BallastError('INTERNAL', message);
    }
    const id = this.#takeId();
    const bytes = encodeFrame({
      type: frameTypes.request,
      id,
      head: { op, ...fields },
      ...(options.body === undefined ? {} : { body: options.body }),
    });
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#pending.delete(id);
        const message = `The guest did not answer '${op}' within ${options.timeoutMs} ms.`;
        reject(new BallastError('GUEST_TIMEOUT', message));
      }, options.timeoutMs);
      this.#pending.set(id, { op, resolve, reject, timer });
      this.#stream.write(bytes);
    });
  }

  /** Ends the channel: whatever waits is rejected with `error`. Further calls do nothing. */
  end(error: Error): void {
    if (this.#ended !== null) return;
    this.#ended = error;
    this.#stream.destroy();
    for (const pending of this.#pending.values()) {
      clearTimeout(pending.timer);
      pending.reject(error);
    }
    this.#pending.clear();
    this.#onEnd(error);
  }

  #takeId(): number {
    const id = this.#nextId;
    this.#nextId = id >= 0xffff_ffff ? 1 : id + 1;
    return id;
  }

  #receive(chunk: Buffer): void {
    if (this.#ended !== null) return;
    try {
      for (const frame of this.#decoder.push(chunk)) {
        // What a frame led to may have ended the channel: the rest is nobody's.
        if (this.#ended !== null) return;
        this.#dispatch(frame);
      }
    } catch (error) {
      this.end(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #dispatch(frame: Frame): void {
    if (frame.type === frameTypes.event) {
      this.#onEvent(frame.head);
      return;
    }
    const failure = failureIn(frame);
    const pending = this.#pending.get(frame.id);
    // The answer to a request that timed out comes late: nobody waits for it any more.
    if (pending === undefined) return;
    this.#pending.delete(frame.id);
    clearTimeout(pending.timer);
    if (failure === null) pending.resolve(frame);
    else pending.reject(new AgentFailure(pending.op, failure));
  }
}

/** The head of a failure, or null where the frame is a reply. */
function failureIn(frame: Frame): AgentFailureHead | null {
  if (frame.type === frameTypes.reply) return null;
  if (frame.type === frameTypes.failure && failureHead.Check(frame.head)) return frame.head;
  const what = frame.type === frameTypes.failure ? 'a malformed failure' : 'a request';
  throw new BallastError('GUEST_PROTOCOL', `The guest broke the protocol: it sent ${what}.`);
}

function lost(what: string, cause?: unknown): BallastError {
  return new BallastError('INSTANCE_LOST', `The instance was lost: ${what}.`, { cause });
}
