/** The service as a child process of `ballast serve`. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { CliError } from './failure.js';

export interface RunningService {
  /** Settles when the service has ended: its exit code, or 128 and the number of its signal. */
  readonly exited: Promise<number>;
  /** Aborted when the service has ended or was told to. */
  readonly ending: AbortSignal;
}

const servicePath = fileURLToPath(new URL('../main.js', import.meta.url));

/**
 * A closed terminal is a wish to end like the others, and the service need not know a third one.
 */
const forwarded = { SIGINT: 'SIGINT', SIGTERM: 'SIGTERM', SIGHUP: 'SIGTERM' } as const;

/**
 * The service gets a process group of its own. A terminal's Ctrl-C goes to the whole group of the
 * command, and would reach the service twice if it were in it: once from there and once from here.
 * It also gets a channel, whose end tells it that the command was killed: it would go on unseen.
 */
export function startService(): RunningService {
  const ending = new AbortController();
  const child = spawn(process.execPath, ['--enable-source-maps', servicePath], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    detached: true,
  });
  const handlers = Object.entries(forwarded).map(([received, sent]) => {
    const handler = () => {
      ending.abort();
      child.kill(sent);
    };
    process.on(received, handler);
    return () => process.removeListener(received, handler);
  });
  const exited = new Promise<number>((resolve, reject) => {
    child.once('error', (error) =>
      reject(new CliError(`The service could not be started: ${error.message}`)),
    );
    child.once('exit', (code, signal) => {
      ending.abort();
      for (const remove of handlers) remove();
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
  return { exited, ending: ending.signal };
}
