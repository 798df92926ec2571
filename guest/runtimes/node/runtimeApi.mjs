/** The client of the Lambda Runtime API, over one connection that is kept open. */
import { Agent, request } from 'node:http';

const prefix = '/2018-06-01/runtime';
const startPath = '/ballast/start';
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

  /** Waits for the function that this process is to serve: its environment and directory. */
  start() {
    return this.#held(startPath);
  }

  /** Waits until the machine was snapshotted and restored: its environment since then. */
  restore() {
    return this.#held(`${prefix}/restore/next`);
  }

  /** Answers an invocation that there never was, which is refused. */
  postNothing() {
    return this.#post('/invocation/none/response', {}, '{}');
  }

  /** Waits for the next invocation. */
  next() {
    return this.#call('GET', `${prefix}/invocation/next`, {}, undefined);
  }

  async postResponse(requestId, body) {
    const { status } = await this.#post(`/invocation/${requestId}/response`, {}, body);
    // Too large was already told to the caller; nothing is left to do about it here.
    if (status !== 202 && status !== 413) throw new Error(`the response was refused: ${status}`);
  }

  /** Of an invocation, or of the initialisation where there is none. */
  postError(requestId, type, body) {
    return this.#postError(
      requestId === null ? '/init/error' : `/invocation/${requestId}/error`,
      type,
      body,
    );
  }

  /** Of what was to run after the machine was restored. */
  postRestoreError(type, body) {
    return this.#postError('/restore/error', type, body);
  }

  #postError(path, type, body) {
    // A header holds printable ASCII only; the body says the type as it is.
    const safeType = type.replace(/[^ -~]/g, '?');
    return this.#post(path, { 'lambda-runtime-function-error-type': safeType }, body);
  }

  #post(path, headers, body) {
    return this.#call('POST', prefix + path, { ...json, ...headers }, body);
  }

  async #held(path) {
    const { status, payload } = await this.#call('GET', path, {}, undefined);
    if (status !== 200) throw new Error(`${path} was refused: ${status}`);
    return JSON.parse(payload.toString('utf8'));
  }

  #call(method, path, headers, body) {
    const options = {
      host: this.#host,
      port: this.#port,
      agent: this.#agent,
      method,
      path,
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
