/**
 * A deployed function: its configuration and the digest of its code. Immutable; an update is a new
 * one.
 */
export interface FunctionRecord {
  readonly functionName: string;
  /** `$LATEST`: numbered versions are not published yet. */
  readonly version: string;
  /** New at every change of code or configuration: instances of another revision are not reused. */
  readonly revisionId: string;
  readonly runtime: string;
  readonly handler: string;
  readonly role: string;
  readonly description: string;
  readonly memoryMib: number;
  readonly ephemeralMib: number;
  readonly timeoutSeconds: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly code: CodeReference;
  /** ISO 8601, as Lambda prints it: `2026-01-31T12:00:00.000+0000`. */
  readonly lastModified: string;
}

/** A deployment package that the store holds. */
export interface CodeReference {
  /** SHA-256 of the zip, in hexadecimal: it names the files. */
  readonly sha256: string;
  readonly zipBytes: number;
  /** Path of the read-only disk image made of the package, which a guest mounts on `/var/task`. */
  readonly imagePath: string;
}
