/** The heads of the messages that a guest sends, as schemas: nothing of it is used unchecked. */
import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { limits } from '../model/limits.js';

const Bytes = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const Milliseconds = Type.Number({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const Word = Type.String({ maxLength: 256 });

/** Bytes of base64 that the longest log tail takes. */
const maxLogTailChars = Math.ceil(limits.logTailBytes / 3) * 4;
const LogTail = Type.String({ maxLength: maxLogTailChars, pattern: '^[A-Za-z0-9+/]*={0,2}$' });

const GuestMemorySchema = Type.Object({
  totalBytes: Bytes,
  freeBytes: Bytes,
  availableBytes: Bytes,
  limitBytes: Type.Union([Bytes, Type.Null()]),
  currentBytes: Bytes,
  peakBytes: Bytes,
  oomKills: Bytes,
});
/** What the guest says of its memory. A guest may lie: use it for reports, never for the ledger. */
export type GuestMemory = Static<typeof GuestMemorySchema>;

const endings = {
  errorType: Type.Optional(Word),
  exitCode: Type.Optional(Type.Union([Type.Integer(), Type.Null()])),
  signal: Type.Optional(Type.Union([Word, Type.Null()])),
  logTail: LogTail,
  memory: GuestMemorySchema,
};

const StartReplySchema = Type.Object({
  outcome: Type.Enum(['ready', 'error', 'exit', 'out-of-memory', 'timeout', 'stopped']),
  initMs: Milliseconds,
  ...endings,
});
export type StartReply = Static<typeof StartReplySchema>;

const InvokeReplySchema = Type.Object({
  outcome: Type.Enum(['response', 'error', 'exit', 'out-of-memory', 'too-large', 'stopped']),
  durationMs: Milliseconds,
  responseBytes: Type.Optional(Bytes),
  logBytes: Bytes,
  ...endings,
});
export type InvokeReply = Static<typeof InvokeReplySchema>;

const MemoryReplySchema = Type.Object({ memory: GuestMemorySchema });

const HoldReplySchema = Type.Object({ heldBytes: Bytes, memory: GuestMemorySchema });

const GuestStorageSchema = Type.Object({ sizeBytes: Bytes, usedBytes: Bytes });
/** What the guest says of its scratch disk. */
export type GuestStorage = Static<typeof GuestStorageSchema>;

const StorageReplySchema = Type.Object({ storage: GuestStorageSchema });

const FailureSchema = Type.Object({
  code: Word,
  message: Type.String({ maxLength: 4096 }),
  heldBytes: Type.Optional(Bytes),
});
export type AgentFailureHead = Static<typeof FailureSchema>;

const HelloSchema = Type.Object({
  event: Type.Literal('hello'),
  protocol: Type.Integer(),
  agent: Word,
  kernel: Word,
  runtimes: Type.Array(Word, { maxItems: 64 }),
  uptimeMs: Milliseconds,
  memory: GuestMemorySchema,
});
export type Hello = Static<typeof HelloSchema>;

const ExitSchema = Type.Object({
  event: Type.Literal('exit'),
  exitCode: Type.Union([Type.Integer(), Type.Null()]),
  signal: Type.Union([Word, Type.Null()]),
  outOfMemory: Type.Boolean(),
});
export type ExitEvent = Static<typeof ExitSchema>;

export const startReply = Compile(StartReplySchema);
export const invokeReply = Compile(InvokeReplySchema);
export const memoryReply = Compile(MemoryReplySchema);
export const holdReply = Compile(HoldReplySchema);
export const storageReply = Compile(StorageReplySchema);
export const failureHead = Compile(FailureSchema);
export const helloEvent = Compile(HelloSchema);
export const exitEvent = Compile(ExitSchema);

/** Limits of the function's cgroup. A quota of null means that the processor is not limited. */
export interface GuestLimits {
  readonly memoryBytes: number;
  readonly cpuQuotaUs: number | null;
  readonly cpuPeriodUs: number;
  readonly processes: number;
}

export interface StartRequest {
  readonly runtime: string;
  readonly handler: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly limits: GuestLimits;
  readonly storageBytes: number;
  readonly timeoutMs: number;
  readonly nowMs: number;
}

export interface PreloadRequest {
  readonly runtime: string;
  readonly storageBytes: number;
  readonly timeoutMs: number;
  readonly nowMs: number;
}

export interface RehearseRequest {
  readonly runtime: string;
  readonly timeoutMs: number;
}

export interface RestoreRequest {
  readonly environment: Readonly<Record<string, string>>;
  readonly limits: GuestLimits;
  readonly timeoutMs: number;
  readonly nowMs: number;
}

export interface InvokeRequest {
  readonly requestId: string;
  readonly deadlineMs: number;
  readonly nowMs: number;
  readonly functionArn: string;
  readonly clientContext?: string;
}
