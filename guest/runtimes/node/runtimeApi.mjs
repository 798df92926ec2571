/** The client of the Lambda Runtime API, over one connection that is kept open. */
import { Agent, request } from 'node:http';

const prefix = '/2018-06-01/runtime';
const json = { 'content-type': 'application/json' };

export class RuntimeApi {
  #host;
  #port;
  #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor(address) {
    const [host, port] = address.split(':');
    this.#host = host;
    this.#port = Number(port);
  }

  /** Waits for the next invocation. */
  next() {
    return this.#call('GET', '/invocation/next', {}, undefined);
  }

  async postResponse(requestId, body) {
    const { status } = await this.#call('POST', `/invocation/${requestId}/response`, json, body);
    // Too large was already told to the caller; nothing is left to do about it here.
    if (status !== 202 && status !== 413) throw new Error(`the response was refused: ${status}`);
  }

  /** Of an invocation, or of the initialisation where there is none. */
  postError(requestId, type, body) {
    const path = requestId === null ? '/init/error' : `/invocation/${requestId}/error`;
    // A header holds printable ASCII only; the body says the type as it is.
    const safeType = type.replace(/[^ -~]/g, '?');
    const headers = { ...json, 'lambda-runtime-function-error-type': safeType };
    return this.#call('POST', path, headers, body);
  }

  #call(method, path, headers, body) {
    const options = {
      host: this.#host,
      port: this.#port,
      agent: this.#agent,
      method,
      path: prefix + path,
      headers:
        body === undefined ? headers : { ...headers, 'content-length': Buffer.byteLength(body) },
    };
    return new Promise((resolve, reject) => {
      const sent = request(options, (response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode,
            headers: response.headers,
            payload: Buffer.concat(chunks),
          }),
        );
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }
}
