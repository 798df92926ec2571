/** Errors as Lambda reports them. */

/** A failure of the runtime itself, named as Lambda names it. */
export class RuntimeError extends Error {
  constructor(name, message) {
    super(message);
    this.name = name;
  }
}

export function errorType(error) {
  return error instanceof Error ? error.name : typeof error;
}

/** @returns {string} the JSON `{errorType, errorMessage, trace}` */
export function errorBody(error) {
  const isError = error instanceof Error;
  return JSON.stringify({
    errorType: errorType(error),
    errorMessage: isError ? error.message : String(error),
    trace: isError ? String(error.stack).split('\n') : [],
  });
}
