/** The service as a process: its environment, its signals, its end. */
import { readConfig, readConfigFacts } from './config.js';
import { createLogger } from './logger.js';
import { BallastError } from './model/errors.js';
import { openService, type Service } from './service.js';

/** How long invocations that run may take to finish when the service is told to stop. */
const graceMs = 10_000;

async function main(): Promise<void> {
  const config = readConfig(process.env, readConfigFacts());
  const logger = createLogger(config.logLevel);
  const service = await openService(config, logger);
  let signals = 0;
  const stop = (signal: string) => {
    signals += 1;
    logger.info({ signal }, signals === 1 ? 'stopping' : 'stopping at once');
    end(service, signals === 1 ? graceMs : 0);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  process.on('uncaughtException', (error) => {
    logger.fatal({ err: error }, 'a fault of the service ends it');
    process.exitCode = 1;
    end(service, 0);
  });
}

/** The process ends by itself once nothing is open; a failure to close ends it all the same. */
function end(service: Service, allowedMs: number): void {
  service.close(allowedMs).catch(complain);
}

function complain(error: unknown): void {
  const isKnown = error instanceof BallastError && error.code !== 'INTERNAL';
  const text = error instanceof Error ? (isKnown ? error.message : error.stack) : String(error);
  process.stderr.write(`ballast: ${text}\n`);
  process.exit(1);
}

main().catch(complain);
