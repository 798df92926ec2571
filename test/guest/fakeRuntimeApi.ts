import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** What a runtime client posted. */
interface Post {
  readonly path: string;
  readonly errorType: string | undefined;
  readonly body: string;
}

/** What a process is told that waits for its function, or for its machine's restore. */
interface Hand {
  readonly environment: Readonly<Record<string, string>>;
  readonly directory?: string;
}

/** As much of the Runtime API as a runtime client needs: hands out events, keeps the posts. */
class FakeRuntimeApi {
  readonly posts: Post[] = [];
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  readonly #events: string[];
  readonly #hands: Readonly<Record<string, Hand | undefined>>;
  /** Where the client waited to be told how to go on, in order. */
  readonly waits: string[] = [];
  #given = 0;
  #exhausted: () => void = () => {};
  /** Settles when the client asks for an invocation and there are no more. */
  readonly exhausted = new Promise<void>((resolve) => {
    this.#exhausted = resolve;
  });

  constructor(events: readonly string[], hands: { start?: Hand; restore?: Hand }) {
    this.#events = [...events];
    this.#hands = { '/ballast/start': hands.start, '/restore/next': hands.restore };
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url?.replace('/2018-06-01/runtime', '') ?? '';
    const hand = this.#hands[path];
    if (hand !== undefined && request.method === 'GET') {
      this.waits.push(path);
      response.writeHead(200).end(JSON.stringify(hand));
      return;
    }
    if (path !== '/invocation/next') {
      const type = request.headers['lambda-runtime-function-error-type'];
      this.posts.push({ path, errorType: type?.toString(), body: await text(request) });
      response.writeHead(202).end('{"status":"OK"}');
      return;
    }
    const event = this.#events.shift();
    if (event === undefined) {
      this.#exhausted();
      return;
    }
    this.#given += 1;
    response.writeHead(200, {
      'Lambda-Runtime-Aws-Request-Id': `request-${this.#given}`,
      'Lambda-Runtime-Deadline-Ms': String(Date.now() + 3000),
      'Lambda-Runtime-Invoked-Function-Arn': 'arn:aws:lambda:us-east-1:000000000000:function:f',
      'Ballast-Runtime-Memory-Mib': '256',
      'Lambda-Runtime-Client-Context': '{"custom":{"a":1}}',
    });
    response.end(event);
  }
}

export interface ClientRun {
  readonly posts: readonly Post[];
  readonly waits: readonly string[];
  /** Null when it was still waiting for the next invocation. */
  readonly exitCode: number | null;
  readonly output: string;
}

export interface ClientOptions {
  readonly taskRoot: string;
  readonly handler: string;
  readonly events: readonly string[];
  /** Of the process's environment. */
  readonly more?: Readonly<Record<string, string>>;
  /** Started without a function, the client is handed it by `start`. */
  readonly start?: Hand;
  readonly restore?: Hand;
}

/** Runs a runtime client against the events, until it asks for one more or ends. */
export async function runClient(
  argv: readonly [string, ...string[]],
  options: ClientOptions,
): Promise<ClientRun> {
  const { start, restore } = options;
  const api = new FakeRuntimeApi(options.events, {
    ...(start === undefined ? {} : { start }),
    ...(restore === undefined ? {} : { restore }),
  });
  const fn = {
    AWS_LAMBDA_FUNCTION_NAME: 'f',
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
    LAMBDA_TASK_ROOT: options.taskRoot,
    _HANDLER: options.handler,
  };
  const child = spawn(argv[0], argv.slice(1), {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      AWS_LAMBDA_RUNTIME_API: await api.listen(),
      PYTHONDONTWRITEBYTECODE: '1',
      ...(start === undefined ? fn : {}),
      ...options.more,
    },
  });
  const output = Promise.all([text(child.stdout), text(child.stderr)]);
  const ended = once(child, 'close');
  try {
    await Promise.race([ended, api.exhausted]);
    const exitCode = child.exitCode;
    await stop(child, ended);
    return { posts: api.posts, waits: api.waits, exitCode, output: (await output).join('') };
  } finally {
    api.close();
  }
}

async function stop(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  child.kill('SIGKILL');
  await ended;
}
