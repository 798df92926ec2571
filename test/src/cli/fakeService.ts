import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Receipt } from '../../../src/model/invocation.js';

export interface SeenRequest {
  /** Method and path, as a client sent them. */
  readonly line: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface FakeAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is where it is a string, else as JSON. */
  readonly body?: unknown;
}

type Routes = Readonly<Record<string, FakeAnswer | ((request: SeenRequest) => FakeAnswer)>>;

interface Test {
  teardown(handler: () => unknown): unknown;
}

/** A server that answers what a test tells it to, and remembers what it was asked. */
export class FakeService {
  readonly requests: SeenRequest[] = [];
  readonly #server: Server;
  #routes: Routes;

  private constructor(routes: Routes) {
    this.#routes = routes;
    this.#server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const line = `${request.method} ${request.url}`;
      const seen = { line, headers: request.headers, body: Buffer.concat(chunks) };
      this.requests.push(seen);
      const route = this.#routes[line] ?? { status: 418, body: `no route for ${line}` };
      const {
        status = 200,
        headers = {},
        body,
      } = typeof route === 'function' ? route(seen) : route;
      response.writeHead(status, headers);
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  }

  /** On a port of its own, or on a unix socket. */
  static async open(t: Test, routes: Routes, socketPath?: string): Promise<FakeService> {
    const service = new FakeService(routes);
    const where = socketPath === undefined ? { host: '127.0.0.1', port: 0 } : { path: socketPath };
    await new Promise<void>((resolve) => service.#server.listen(where, resolve));
    t.teardown(() => service.#server.close());
    return service;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get env(): Readonly<Record<string, string>> {
    return { BALLAST_ENDPOINT: `http://127.0.0.1:${this.port}` };
  }

  get lines(): string[] {
    return this.requests.map(({ line }) => line);
  }

  /** The JSON that came with the request of this method and path. */
  sent(line: string): unknown {
    const request = this.requests.find((seen) => seen.line === line);
    return JSON.parse(request?.body.toString() ?? 'null');
  }
}

export const notFound = (message: string): FakeAnswer => ({
  status: 404,
  headers: { 'x-amzn-errortype': 'ResourceNotFoundException' },
  body: { Type: 'User', Message: message },
});

export const receipt: Receipt = {
  requestId: 'r-1',
  functionName: 'hello',
  instanceId: 'i-1',
  start: 'warm',
  requestedMib: 512,
  killedAtMib: null,
  fromMib: 128,
  pluggedMib: 512,
  limitMib: 512,
  peakMib: 61,
  cpuMillis: 289,
  storageMib: 512,
  resize: { mechanism: 'virtio-mem', ms: 12.34, settled: true, state: 'settled', returned: true },
  queueMs: 0.5,
  initMs: 0,
  durationMs: 3.21,
  billedMs: 4,
};

export const configuration = {
  FunctionName: 'hello',
  Runtime: 'nodejs20.x',
  Handler: 'index.handler',
  MemorySize: 128,
  Timeout: 3,
  CodeSize: 321,
  LastModified: '2026-01-31T12:00:00.000+0000',
  Version: '$LATEST',
  Description: '',
  State: 'Active',
  SnapStart: { ApplyOn: 'None', OptimizationStatus: 'Off' },
};
