/** The version that an update changes; the others are numbered from 1. */
export const latestVersion = '$LATEST';

/** Which versions of a function start from a snapshot, in the words of the Lambda API. */
export type SnapStart = 'PublishedVersions' | 'None';

/** Whether a version can be invoked, and why not. */
export type VersionState =
  | { readonly kind: 'active' }
  /** It waits for its snapshot. */
  | { readonly kind: 'pending' }
  | {
      readonly kind: 'failed';
      readonly reason: string;
      /** `function` where its own initialisation failed, else `service`. */
      readonly fault: 'function' | 'service';
    };

/** One of a function's versions. */
export interface VersionName {
  readonly functionName: string;
  readonly version: string;
}

/** One revision of a version: what an instance belongs to. */
export interface RevisionName extends VersionName {
  /**
   * New at every change of code or configuration, and unlike in every version: instances of another
   * revision are not reused.
   */
  readonly revisionId: string;
}

/**
 * A version of a deployed function: its configuration and the digest of its code. Immutable; an
 * update is a new one.
 */
export interface FunctionRecord extends RevisionName {
  /** `$LATEST`, or the number of a published version, which is never updated. */
  readonly version: string;
  readonly runtime: string;
  readonly handler: string;
  readonly role: string;
  readonly description: string;
  readonly memoryMib: number;
  readonly ephemeralMib: number;
  readonly timeoutSeconds: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly snapStart: SnapStart;
  /** As it was when the record was read: `$LATEST` is always active. */
  readonly state: VersionState;
  readonly code: CodeReference;
  /** ISO 8601, as Lambda prints it: `2026-01-31T12:00:00.000+0000`. */
  readonly lastModified: string;
}

/** Tells whether this very version starts from a snapshot: `$LATEST` never does. */
export const isSnapStarted = ({ version, snapStart }: FunctionRecord): boolean =>
  version !== latestVersion && snapStart === 'PublishedVersions';

/**
 * The environment variable by which a function's owner says, with `true`, that an invocation may be
 * run again after it was killed.
 */
export const idempotentVariable = 'BALLAST_IDEMPOTENT';

/** A deployment package that the store holds. */
export interface CodeReference {
  /** SHA-256 of the zip, in hexadecimal: it names the files. */
  readonly sha256: string;
  readonly zipBytes: number;
  /** Path of the read-only disk image made of the package, which a guest mounts on `/var/task`. */
  readonly imagePath: string;
}
