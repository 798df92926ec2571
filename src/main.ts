/** The service as a process: its environment, its signals, its end. */
import { readConfig, readConfigFacts } from './config.js';
import { createLogger } from './logger.js';
import { BallastError } from './model/errors.js';
import { openService, type Service } from './service.js';

/** How long invocations that run may take to finish when the service is told to stop. */
const graceMs = 10_000;

/** How long ending the VMs may take then. A hypervisor that hangs must not hold the process. */
const lastResortMs = 60_000;

async function main(): Promise<void> {
  const isCommanded = process.connected;
  const config = readConfig(process.env, readConfigFacts());
  const logger = createLogger(config.logLevel);
  const service = await openService(config, logger);
  let signals = 0;
  const stop = (reason: string) => {
    signals += 1;
    logger.info({ reason }, signals === 1 ? 'stopping' : 'stopping at once');
    end(service, signals === 1 ? graceMs : 0);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  // Who reads that may send a signal at once, which is heeded by now.
  const { stateDir, budgetMib } = config;
  logger.info({ stateDir, budgetMib }, `listening at ${service.address}`);
  if (isCommanded) whenAbandoned(() => stop('the command that started it is gone'));
  process.on('uncaughtException', (error) => {
    logger.fatal({ err: error }, 'a fault of the service ends it');
    process.exitCode = 1;
    end(service, 0);
  });
}

/**
 * `ballast serve` holds a channel to the service, over which nothing is said: it closes however the
 * command ends, and may have done so before the service was open.
 */
function whenAbandoned(act: () => void): void {
  if (!process.connected) {
    act();
    return;
  }
  process.once('disconnect', act);
  process.channel?.unref();
}

/** The process ends by itself once nothing is open; a failure to close ends it all the same. */
function end(service: Service, allowedMs: number): void {
  service.close(allowedMs).catch(complain);
  const late = new BallastError(
    'HOST_UNUSABLE',
    `VMs could not be ended within ${(allowedMs + lastResortMs) / 1000} s: ` +
      'they are ended when a service starts on the same state directory.',
  );
  setTimeout(() => complain(late), allowedMs + lastResortMs).unref();
}

function complain(error: unknown): void {
  const isKnown = error instanceof BallastError && error.code !== 'INTERNAL';
  const text = error instanceof Error ? (isKnown ? error.message : error.stack) : String(error);
  process.stderr.write(`ballast: ${text}\n`);
  process.exit(1);
}

main().catch(complain);
