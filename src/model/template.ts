/** What `/v1/templates` tells of one template. */
export interface TemplateView {
  /** A runtime, or a function and its version: `hello:3`. */
  readonly of: string;
  readonly kind: 'runtime' | 'function';
  readonly state: 'building' | 'ready' | 'failed';
  /** What is being done, while it is being built. */
  readonly stage: string | null;
  /** Why it could not be made. */
  readonly error: string | null;
  readonly key: string | null;
  /** What of the host's memory its sealed copy takes, which all clones share. */
  readonly memoryMib: number;
  readonly buildMs: number | null;
  /** Machines that wait for a function, so that a start by this template is fast. */
  readonly readyShells: number;
}
