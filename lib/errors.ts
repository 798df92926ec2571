import type { CloseReason } from './close-reason.js';
import { errorCodeNames, errorDomainNames, errorLevelNames } from './error-names.js';

/** An error that libvirt reported. */
export class LibvirtError extends Error {
  /** `virErrorNumber` without `VIR_ERR_`, for example `NO_DOMAIN`. */
  readonly code: string;
  /** The part of libvirt that reported it, `virErrorDomain` without `VIR_FROM_`: `QEMU`. */
  readonly domain: string;
  /** `ERROR` or `WARNING`. */
  readonly level: string;
  /** The C function that failed, for example `virDomainLookupByName`. */
  readonly call: string;

  constructor(message: string, report: Omit<LibvirtReport, 'kind'>, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LibvirtError';
    this.code = errorCodeNames[report.code] ?? String(report.code);
    this.domain = errorDomainNames[report.domain] ?? String(report.domain);
    this.level = errorLevelNames[report.level] ?? String(report.level);
    this.call = report.call;
  }
}

/** A call on a connection, domain or subscription that is closed or closing. */
export class ClosedError extends Error {
  readonly code = 'CLOSED';

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ClosedError';
  }
}

/** The connection to a daemon was lost while its events were waited for. */
export class ConnectionLostError extends Error {
  readonly code = 'CONNECTION_LOST';
  /** `eof` where the other end went away, `keepalive` where it fell silent. */
  readonly reason: CloseReason;

  constructor(reason: CloseReason) {
    super(`the connection was lost (${reason})`);
    this.name = 'ConnectionLostError';
    this.reason = reason;
  }
}

/** So many calls wait already that this one was not queued. */
export class BusyError extends Error {
  readonly code = 'BUSY';

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'BusyError';
  }
}

/** QEMU answered a monitor command with an error. */
export class QmpError extends Error {
  /** QEMU's class, mostly `GenericError`; `CommandNotFound` for an unknown command. */
  readonly errorClass: string;
  readonly description: string;
  readonly command: string;

  constructor(command: string, errorClass: string, description: string) {
    super(`${command}: ${description}`);
    this.name = 'QmpError';
    this.command = command;
    this.errorClass = errorClass;
    this.description = description;
  }
}

/** A failure as the addon tells of it, with libvirt's own numbers. */
interface LibvirtReport {
  readonly kind: 'libvirt';
  readonly code: number;
  readonly domain: number;
  readonly level: number;
  readonly call: string;
}

/** Gives an error of the addon its class; others pass. */
export function rebuildError(error: unknown): unknown {
  if (!(error instanceof Error) || !('kind' in error)) return error;
  switch (error.kind) {
    case 'libvirt':
      return new LibvirtError(error.message, error as Error & LibvirtReport);
    case 'closed':
      return new ClosedError(error.message);
    case 'busy':
      return new BusyError(error.message);
    default:
      return error;
  }
}
