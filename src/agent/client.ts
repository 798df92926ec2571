/** The host's end of the guest protocol: one typed method per request. */
import { createConnection, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { BallastError } from '../model/errors.js';
import { Channel } from './channel.js';
import { type Frame, protocolVersion } from './codec.js';
import {
  type ExitEvent,
  exitEvent,
  type GuestLimits,
  type GuestMemory,
  type GuestStorage,
  type Hello,
  helloEvent,
  holdReply,
  type InvokeReply,
  type InvokeRequest,
  invokeReply,
  memoryReply,
  type PreloadRequest,
  type RehearseRequest,
  type RestoreRequest,
  type StartReply,
  type StartRequest,
  startReply,
  storageReply,
} from './messages.js';

/** How long the agent may take for what needs no user code; far above what it takes. */
const controlTimeoutMs = 30_000;
const connectRetryMs = 20;

export interface AgentHandlers {
  /** The runtime ended while nothing was asked of it. */
  readonly onExit?: (event: ExitEvent) => void;
  /** The channel is gone for good: the instance cannot be used any more. */
  readonly onEnd?: (error: Error) => void;
}

export interface Answer<Head> {
  readonly head: Head;
  readonly body: Uint8Array;
}

export class AgentClient {
  readonly #channel: Channel;
  #handlers: AgentHandlers;
  readonly #hello: Promise<Hello>;
  #sayHello: (hello: Hello) => void = () => {};

  private constructor(socket: Socket, handlers: AgentHandlers) {
    this.#handlers = handlers;
    let failHello: (error: Error) => void = () => {};
    this.#hello = new Promise((resolve, reject) => {
      this.#sayHello = resolve;
      failHello = reject;
    });
    // Whoever awaits it sees the rejection; without a reader it must not end the process.
    this.#hello.catch(() => {});
    this.#channel = new Channel(socket, {
      onEvent: (head) => this.#receive(head),
      onEnd: (error) => {
        failHello(error);
        this.#handlers.onEnd?.(error);
      },
    });
  }

  /**
   * Connects to the unix socket of a guest's channel and waits for the agent's hello.
   * @throws BallastError GUEST_TIMEOUT when `signal` aborts first, GUEST_PROTOCOL when the agent
   * speaks another version
   */
  static async connect(
    socketPath: string,
    options: AgentHandlers & { readonly signal: AbortSignal },
  ): Promise<{ client: AgentClient; hello: Hello }> {
    const socket = await openSocket(socketPath, options.signal);
    const client = new AgentClient(socket, options);
    const abort = () => client.close(tooLate(socketPath));
    options.signal.addEventListener('abort', abort, { once: true });
    try {
      if (options.signal.aborted) abort();
      const hello = await client.#hello;
      if (hello.protocol !== protocolVersion) throw client.#wrongVersion(hello.protocol);
      return { client, hello };
    } finally {
      options.signal.removeEventListener('abort', abort);
    }
  }

  /** From now on these are told, instead of those that `connect` was given. */
  listen(handlers: AgentHandlers): void {
    this.#handlers = handlers;
  }

  /**
   * Starts a runtime before its function is known, for a template; answered when it waits for one,
   * or cannot.
   */
  async preload(request: PreloadRequest): Promise<Answer<StartReply>> {
    const options = { timeoutMs: bound(request.timeoutMs) };
    const frame = await this.#channel.request('preload', request, options);
    return this.#checked('preload', startReply, frame);
  }

  /**
   * Gives a clone the time and random state of its own; before any code of a user runs in it.
   * @param entropy 32 to 512 bytes that nobody else knows.
   */
  async wake(entropy: Uint8Array): Promise<void> {
    const options = { body: entropy, timeoutMs: controlTimeoutMs };
    const frame = await this.#channel.request('wake', { nowMs: Date.now() }, options);
    this.#checked('wake', memoryReply, frame);
  }

  /**
   * Takes a function that does nothing through a start and an invocation, beside the runtime that
   * waits. @throws AgentFailure `guest-error` where that did not come to its end
   */
  async rehearse(request: RehearseRequest): Promise<void> {
    const options = { timeoutMs: bound(request.timeoutMs) };
    const frame = await this.#channel.request('rehearse', request, options);
    this.#checked('rehearse', memoryReply, frame);
  }

  /**
   * Lets a runtime go on that had initialised before its machine was cloned; answered when it is
   * ready for its first invocation, or cannot be.
   */
  async restore(request: RestoreRequest): Promise<Answer<StartReply>> {
    const options = { timeoutMs: bound(request.timeoutMs) };
    const frame = await this.#channel.request('restore', request, options);
    return this.#checked('restore', startReply, frame);
  }

  /** Starts the runtime; answered when it is ready for its first invocation, or cannot be. */
  async start(request: StartRequest): Promise<Answer<StartReply>> {
    const options = { timeoutMs: bound(request.timeoutMs) };
    const frame = await this.#channel.request('start', request, options);
    return this.#checked('start', startReply, frame);
  }

  /** Runs one invocation. The caller enforces its deadline with `stop`. */
  async invoke(
    request: InvokeRequest,
    payload: Uint8Array,
    timeoutMs: number,
  ): Promise<Answer<InvokeReply>> {
    const options = { body: payload, timeoutMs: bound(timeoutMs) };
    const frame = await this.#channel.request('invoke', request, options);
    return this.#checked('invoke', invokeReply, frame);
  }

  /** Kills the runtime and everything it started. */
  async stop(): Promise<GuestMemory> {
    return this.#memoryOf('stop', {});
  }

  /** Frees memory and lowers the limits. @throws AgentFailure `memory-held` */
  async claim(limits: GuestLimits): Promise<GuestMemory> {
    return this.#memoryOf('claim', { limits });
  }

  /** Raises the limits to memory that the guest has been given. */
  async release(limits: GuestLimits): Promise<GuestMemory> {
    return this.#memoryOf('release', { limits });
  }

  /**
   * Has the agent hold so much of the guest's memory; tells what it holds, in bytes. It answers
   * within a part of a second, and may hold less by then.
   */
  async hold(bytes: number): Promise<number> {
    const frame = await this.#channel.request('hold', { bytes }, { timeoutMs: controlTimeoutMs });
    return this.#checked('hold', holdReply, frame).head.heldBytes;
  }

  /**
   * Lets the function use so many bytes of the scratch disk. @throws AgentFailure `storage-held`
   */
  async setStorage(bytes: number): Promise<GuestStorage> {
    const timeout = { timeoutMs: controlTimeoutMs };
    const frame = await this.#channel.request('storage', { bytes }, timeout);
    return this.#checked('storage', storageReply, frame).head.storage;
  }

  async memory(): Promise<GuestMemory> {
    return this.#memoryOf('memory', {});
  }

  close(reason = new BallastError('INSTANCE_LOST', 'The instance was closed.')): void {
    this.#channel.end(reason);
  }

  async #memoryOf(op: string, fields: object): Promise<GuestMemory> {
    const frame = await this.#channel.request(op, fields, { timeoutMs: controlTimeoutMs });
    return this.#checked(op, memoryReply, frame).head.memory;
  }

  #checked<Head>(
    op: string,
    schema: { Check(value: unknown): value is Head },
    frame: Frame,
  ): Answer<Head> {
    if (schema.Check(frame.head)) return { head: frame.head, body: frame.body };
    throw this.#broken(`its answer to '${op}' is malformed`);
  }

  #receive(head: unknown): void {
    if (helloEvent.Check(head)) this.#sayHello(head);
    else if (exitEvent.Check(head)) this.#handlers.onExit?.(head);
    else throw this.#broken('it sent an event that is none of the protocol');
  }

  #wrongVersion(version: number): BallastError {
    return this.#broken(
      `it speaks version ${version} of the protocol and this host version ${protocolVersion}; ` +
        'build the guest image again with `make image`',
    );
  }

  /** A guest that breaks the protocol is given up: the channel ends with the error returned. */
  #broken(what: string): BallastError {
    const error = new BallastError('GUEST_PROTOCOL', `The guest broke the protocol: ${what}.`);
    this.#channel.end(error);
    return error;
  }
}

/** How long the agent may take for what may take user code so long. */
function bound(timeoutMs: number): number {
  return timeoutMs + controlTimeoutMs;
}

async function openSocket(path: string, signal: AbortSignal): Promise<Socket> {
  for (;;) {
    try {
      return await connectOnce(path);
    } catch (cause) {
      if (signal.aborted) throw tooLate(path, cause);
    }
    await delay(connectRetryMs);
  }
}

function connectOnce(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ path });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}

function tooLate(path: string, cause?: unknown): BallastError {
  const message = `The guest behind ${path} did not say hello in time.`;
  return new BallastError('GUEST_TIMEOUT', message, { cause });
}
