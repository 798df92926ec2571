/**
 * The catalogue of everything that ballast refuses or fails at. One entry per code: the status
 * under `/v1`, and the name and status that the Lambda API gives the same thing.
 */
interface CatalogueEntry {
  readonly status: number;
  readonly lambdaType: string;
  /** Who has to act: the caller or the operator. */
  readonly fault: 'User' | 'Server';
}

const entry = (status: number, lambdaType: string, fault: 'User' | 'Server'): CatalogueEntry => ({
  status,
  lambdaType,
  fault,
});

export const errorCatalogue = {
  INVALID_PARAMETER: entry(400, 'InvalidParameterValueException', 'User'),
  INVALID_PAYLOAD: entry(400, 'InvalidRequestContentException', 'User'),
  INVALID_ZIP: entry(400, 'InvalidParameterValueException', 'User'),
  INVALID_RUNTIME: entry(400, 'InvalidParameterValueException', 'User'),
  CODE_TOO_LARGE: entry(413, 'RequestTooLargeException', 'User'),
  PAYLOAD_TOO_LARGE: entry(413, 'RequestTooLargeException', 'User'),
  /** A web page that is not the service's own. */
  ORIGIN_REFUSED: entry(403, 'AccessDeniedException', 'User'),
  FUNCTION_NOT_FOUND: entry(404, 'ResourceNotFoundException', 'User'),
  INSTANCE_NOT_FOUND: entry(404, 'ResourceNotFoundException', 'User'),
  ROUTE_NOT_FOUND: entry(404, 'ResourceNotFoundException', 'User'),
  FUNCTION_EXISTS: entry(409, 'ResourceConflictException', 'User'),
  INSTANCE_BUSY: entry(409, 'ResourceConflictException', 'User'),
  /** A published version whose snapshot is being made: it can be invoked when that is there. */
  VERSION_PENDING: entry(409, 'ResourceConflictException', 'User'),
  /** A published version that could not be initialised for its snapshot. */
  VERSION_FAILED: entry(409, 'ResourceConflictException', 'User'),
  REVISION_MISMATCH: entry(412, 'PreconditionFailedException', 'User'),
  /** More than this host can ever give to one function. */
  SIZE_BEYOND_HOST: entry(400, 'InvalidParameterValueException', 'User'),
  /** The instance holds memory in use, so that a claim could not reach the size. */
  MEMORY_HELD: entry(409, 'ResourceConflictException', 'User'),
  /** The files of the function take more than its storage was to be. */
  STORAGE_HELD: entry(409, 'ResourceConflictException', 'User'),
  /** The guest did not take or give the memory within the bound. */
  RESIZE_UNSETTLED: entry(503, 'ServiceException', 'Server'),
  /** A newer resize of the same instance took its place while it waited. */
  RESIZE_SUPERSEDED: entry(409, 'ResourceConflictException', 'User'),
  BUDGET_EXHAUSTED: entry(503, 'ServiceException', 'Server'),
  /** As many invocations of the function run or wait as it has reserved. */
  CONCURRENCY_EXCEEDED: entry(429, 'TooManyRequestsException', 'User'),
  QUEUE_FULL: entry(429, 'TooManyRequestsException', 'User'),
  QUEUE_TIMEOUT: entry(429, 'TooManyRequestsException', 'User'),
  /** As many bytes of packages are being received as the service has memory for. */
  UPLOADS_FULL: entry(429, 'TooManyRequestsException', 'User'),
  CLIENT_GONE: entry(499, 'ServiceException', 'User'),
  INSTANCE_START_FAILED: entry(500, 'ServiceException', 'Server'),
  TEMPLATE_FAILED: entry(500, 'ServiceException', 'Server'),
  INSTANCE_LOST: entry(500, 'ServiceException', 'Server'),
  GUEST_PROTOCOL: entry(500, 'ServiceException', 'Server'),
  GUEST_TIMEOUT: entry(500, 'ServiceException', 'Server'),
  NOT_IMPLEMENTED: entry(501, 'ServiceException', 'User'),
  SHUTTING_DOWN: entry(503, 'ServiceException', 'Server'),
  INTERNAL: entry(500, 'ServiceException', 'Server'),
  /** Problems found at start; they stop the service with one line. */
  BAD_CONFIGURATION: entry(500, 'ServiceException', 'Server'),
  STATE_DIRECTORY: entry(500, 'ServiceException', 'Server'),
  HOST_UNUSABLE: entry(500, 'ServiceException', 'Server'),
} as const satisfies Record<string, CatalogueEntry>;

export type ErrorCode = keyof typeof errorCatalogue;

export interface ErrorOptions {
  readonly cause?: unknown;
  /** Seconds after which trying again makes sense; sent as `Retry-After`. */
  readonly retryAfterSeconds?: number;
  /** Facts for machines, for example the size at which a resize stands. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/**
 * An error with a code of the catalogue. The message names the value, what is allowed, what to do.
 */
export class BallastError extends Error {
  readonly code: ErrorCode;
  readonly retryAfterSeconds: number | undefined;
  readonly details: Readonly<Record<string, unknown>> | undefined;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'BallastError';
    this.code = code;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.details = options.details;
  }

  get entry(): CatalogueEntry {
    return errorCatalogue[this.code];
  }
}
