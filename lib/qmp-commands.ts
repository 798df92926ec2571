/** Commands of QEMU's monitor whose requests and answers are typed. Sizes are bytes. */

type NoArguments = Readonly<Record<string, never>>;

/** A command: what goes with it, and what comes back. */
interface Command<Arguments, Answer> {
  readonly arguments: Arguments;
  readonly answer: Answer;
}

/** A memory device, as `query-memory-devices` tells of it. */
export interface QmpMemoryDevice {
  /** `virtio-mem`, `dimm` and others, which have further members. */
  readonly type: string;
  readonly data: {
    readonly id: string;
    readonly memaddr: number;
    readonly 'requested-size': number;
    readonly size: number;
    readonly 'max-size': number;
    readonly 'block-size': number;
    readonly node: number;
    readonly memdev: string;
  };
}

/** How far a migration is. */
export interface QmpMigration {
  readonly status?: string;
  readonly 'total-time'?: number;
  readonly downtime?: number;
  readonly 'error-desc'?: string;
  readonly ram?: {
    readonly transferred: number;
    readonly remaining: number;
    readonly total: number;
  };
}

/** What goes with a command, and what comes back, by its name. */
export interface QmpCommands {
  'query-status': Command<NoArguments, { readonly status: string; readonly running: boolean }>;
  'query-version': Command<
    NoArguments,
    {
      readonly qemu: { readonly major: number; readonly minor: number; readonly micro: number };
      readonly package: string;
    }
  >;
  'query-memory-devices': Command<NoArguments, readonly QmpMemoryDevice[]>;
  'query-balloon': Command<NoArguments, { readonly actual: number }>;
  balloon: Command<{ readonly value: number }, object>;
  'query-migrate': Command<NoArguments, QmpMigration>;
  migrate: Command<{ readonly uri: string }, object>;
  'migrate-incoming': Command<{ readonly uri: string }, object>;
  'migrate-set-capabilities': Command<
    { readonly capabilities: readonly { capability: string; state: boolean }[] },
    object
  >;
  'qom-get': Command<{ readonly path: string; readonly property: string }, unknown>;
  'qom-set': Command<
    { readonly path: string; readonly property: string; readonly value: unknown },
    object
  >;
  'ringbuf-read': Command<
    { readonly device: string; readonly size: number; readonly format?: 'utf8' | 'base64' },
    string
  >;
  getfd: Command<{ readonly fdname: string }, object>;
  closefd: Command<{ readonly fdname: string }, object>;
  stop: Command<NoArguments, object>;
  cont: Command<NoArguments, object>;
}

/** The commands that are typed. */
export type QmpCommandName = keyof QmpCommands;

/** What follows the name of a typed command: nothing must, where it has no arguments. */
export type QmpRequest<
  C extends QmpCommandName,
  Options,
> = NoArguments extends QmpCommands[C]['arguments']
  ? [args?: QmpCommands[C]['arguments'], options?: Options]
  : [args: QmpCommands[C]['arguments'], options?: Options];

/** The name of any other command. */
export type OtherCommand<C extends string> = C extends QmpCommandName ? never : C;
