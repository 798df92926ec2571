/** The service's log: JSON lines on stderr, or readable ones where a person looks on. */
import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';

const stderr = 2;

export function createLogger(level: string): Logger {
  const destination = process.stderr.isTTY
    ? pretty({ destination: stderr, sync: true, ignore: 'pid,hostname', translateTime: 'HH:MM:ss' })
    : pino.destination({ dest: stderr, sync: true });
  return pino({ name: 'ballast', level }, destination);
}
