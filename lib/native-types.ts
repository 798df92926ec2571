/** What crosses to the addon and back, apart from the classes of connections and domains. */

/** Passed with one call; `cancel` withdraws it, or has its result dropped. */
export interface NativeCancelToken {
  cancel(): void;
}

/** The last argument of every call. */
export type Token = NativeCancelToken | undefined;

/** A call: its arguments, and what its promise gives. */
export type Method<A extends readonly unknown[], R = void> = (
  ...args: [...A, token: Token]
) => Promise<R>;

/** An event as plain data; which members it has depends on its kind. */
export type NativeEvent = Readonly<Record<string, unknown>>;

/** `native/subscription.h`; events wait in its queue until `listen` is called. */
export interface NativeSubscription {
  /** The listener gets `null` when the subscription is closed, by whomever. */
  listen(listener: (event: NativeEvent | null) => void): void;
  readonly dropped: number;
  close(): Promise<void>;
}

/** `native/stream.h`; `null` is what cannot be done now, an empty Buffer the end. */
export interface NativeStream {
  receive: Method<[sizeBytes: number], Buffer | null>;
  send: Method<[data: Buffer], number | null>;
  arm: Method<[events: number]>;
  listen(listener: (events: number) => void): void;
  finish: Method<[]>;
  abort: Method<[]>;
  close(): Promise<void>;
}

/** What libvirt wants to know when a connection opens; `type` is a `virConnectCredentialType`. */
interface NativeCredential {
  readonly type: number;
  readonly prompt: string | null;
  readonly challenge: string | null;
  readonly defaultAnswer: string | null;
}

/** Gets the questions; calls `answer` once, with `null` to give up. */
export type NativeAuthenticate = (
  requests: NativeCredential[],
  answer: (answers: readonly string[] | null) => void,
) => void;
