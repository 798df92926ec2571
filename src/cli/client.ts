/** The one place that speaks HTTP to the service, over TCP or a unix socket. */
import {
  Agent,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request,
} from 'node:http';
import { type Endpoint, formatEndpoint } from './endpoint.js';
import { CliError, messageOf } from './failure.js';

export interface Question {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: Buffer | string;
  /** The whole exchange takes no longer; a minute where nothing is said. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

const defaultTimeoutMs = 60_000;
/** Several times the largest answer that the API gives: 6 MB of a function's own. */
const maxAnswerBytes = 32 * 1024 * 1024;
const unreachable = new Set(['ECONNREFUSED', 'ENOENT', 'ENOTFOUND', 'EHOSTUNREACH', 'EACCES']);

export class Client {
  readonly endpoint: Endpoint;

  constructor(endpoint: Endpoint) {
    this.endpoint = endpoint;
  }

  /** @throws CliError where no whole answer came; an answer of any status is returned */
  async send(question: Question): Promise<Answer> {
    const timeoutMs = question.timeoutMs ?? defaultTimeoutMs;
    const timeout = AbortSignal.timeout(timeoutMs);
    const signals = question.signal === undefined ? [timeout] : [timeout, question.signal];
    try {
      return await this.#exchange(question, AbortSignal.any(signals));
    } catch (error) {
      if (error instanceof CliError) throw error;
      if (timeout.aborted) {
        throw new CliError(
          `${formatEndpoint(this.endpoint)} gave no answer within ${timeoutMs / 1000} s.`,
        );
      }
      throw this.#failure(error);
    }
  }

  #exchange({ method, path, headers, body }: Question, signal: AbortSignal): Promise<Answer> {
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
    const options = {
      ...address(this.endpoint),
      method,
      path,
      headers: { ...headers, ...length },
      agent: new Agent({ keepAlive: false }),
      signal,
    };
    return new Promise((resolve, reject) => {
      const sent = request(options, (response) => {
        readBody(response).then(
          (bytes) =>
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body: bytes }),
          reject,
        );
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }

  #failure(error: unknown): CliError {
    const where = formatEndpoint(this.endpoint);
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (!unreachable.has(code)) {
      return new CliError(`The request to ${where} failed: ${messageOf(error) || code}.`);
    }
    return new CliError(
      `No service answers at ${where} (${code}). Start it with \`make run\` or ` +
        '`ballast serve`, or name another one in BALLAST_ENDPOINT.',
    );
  }
}

function address(endpoint: Endpoint): { host: string; port: number } | { socketPath: string } {
  return endpoint.kind === 'unix'
    ? { socketPath: endpoint.path }
    : { host: endpoint.host, port: endpoint.port };
}

async function readBody(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    bytes += chunk.length;
    if (bytes > maxAnswerBytes) {
      throw new CliError(`The answer is larger than ${maxAnswerBytes} bytes.`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
