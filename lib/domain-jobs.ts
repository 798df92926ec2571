import { type CallOptions, call } from './call.js';
import { abortJobBits, backupBits, type FlagOptions, jobStatsBits, toFlags } from './flags.js';
import { nameOf } from './names.js';
import type { NativeDomain } from './native-domain.js';
import { nestParams } from './typed-params.js';

/** `virDomainJobType` */
const jobTypes = ['none', 'bounded', 'unbounded', 'completed', 'failed', 'cancelled'] as const;

/** Whether a job runs, and how one ended: `virDomainJobType` by name. */
export type JobType = (typeof jobTypes)[number] | 'unknown';

/** What a job has done. */
export interface JobInfo {
  readonly type: JobType;
  readonly elapsedMs: number;
  readonly remainingMs: number;
  readonly dataTotalBytes: number;
  readonly dataProcessedBytes: number;
  readonly dataRemainingBytes: number;
  readonly memTotalBytes: number;
  readonly memProcessedBytes: number;
  readonly memRemainingBytes: number;
  readonly fileTotalBytes: number;
  readonly fileProcessedBytes: number;
  readonly fileRemainingBytes: number;
}

/** What libvirt tells of a job: `time_elapsed` as `timeElapsed`, nested at the dots. */
export interface JobStats {
  readonly type: JobType;
  readonly stats: Readonly<Record<string, unknown>>;
}

/** What runs on a domain for long: a save, a dump, a migration, a backup. It overtakes calls. */
export class DomainJobs {
  readonly #native: NativeDomain;

  /** @internal */
  constructor(native: NativeDomain) {
    this.#native = native;
  }

  /** How far the job is that runs; the type `none` when there is none. */
  async info(options: CallOptions = {}): Promise<JobInfo> {
    const info = await call(options.signal, (token) => this.#native.jobInfo(token));
    return { ...info, type: nameOf(jobTypes, info.type) } as JobInfo;
  }

  /** Of the job that runs, or with `completed` of the last one. */
  async stats(options: FlagOptions<typeof jobStatsBits> = {}): Promise<JobStats> {
    const flags = toFlags(jobStatsBits, options);
    const { type, stats } = await call(options.signal, (token) =>
      this.#native.jobStats(flags, token),
    );
    return {
      type: nameOf(jobTypes, type),
      stats: nestParams(stats) as Readonly<Record<string, unknown>>,
    };
  }

  /** Stops the job; with `postCopy` also a migration that has switched sides. */
  async abort(options: FlagOptions<typeof abortJobBits> = {}): Promise<void> {
    const flags = toFlags(abortJobBits, options);
    if (flags === 0) return call(options.signal, (token) => this.#native.abortJob(token));
    return call(options.signal, (token) => this.#native.abortJobWith(flags, token));
  }

  /** Starts a backup that the XML of a `<domainbackup>` describes. */
  async beginBackup(
    xml: string,
    options: FlagOptions<typeof backupBits> & { readonly checkpointXml?: string } = {},
  ): Promise<void> {
    const { checkpointXml = null } = options;
    const flags = toFlags(backupBits, options);
    return call(options.signal, (token) =>
      this.#native.beginBackup(xml, checkpointXml, flags, token),
    );
  }

  /** The backup that runs. */
  async backupXml(options: CallOptions = {}): Promise<string> {
    return call(options.signal, (token) => this.#native.backupXml(0, token));
  }
}
