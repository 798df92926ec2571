/** Where a service is reached. */
import { usageError } from './failure.js';

export type Endpoint =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

type Environment = Readonly<Record<string, string | undefined>>;

const defaultEndpoint = 'http://127.0.0.1:9100';
const defaultListen = '127.0.0.1:9100';
/** What `sockaddr_un` holds. Node.js cuts a longer one off and uses another file. */
const maxSocketPathBytes = 107;

/** The service that commands talk to. @throws CliError that names the variable and its value */
export function readEndpoint(env: Environment): Endpoint {
  const value = env.BALLAST_ENDPOINT ?? defaultEndpoint;
  const endpoint = unixEndpoint(value) ?? httpEndpoint(value);
  if (endpoint !== null) return endpoint;
  throw usageError(
    `BALLAST_ENDPOINT=${value} is not allowed: http://host:port, or unix:/absolute/path of at ` +
      `most ${maxSocketPathBytes} bytes.`,
  );
}

/**
 * Where a service that is started with this environment will answer; null where its
 * `BALLAST_LISTEN` names no address that it takes, of which it complains itself.
 */
export function listenEndpoint(env: Environment): Endpoint | null {
  const value = env.BALLAST_LISTEN ?? defaultListen;
  const unix = unixEndpoint(value);
  if (unix !== null) return unix;
  const [, host, port] = /^(.+):(\d{1,5})$/.exec(value) ?? [];
  if (host === undefined || Number(port) > 65_535) return null;
  return { kind: 'tcp', host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
}

/** As `BALLAST_ENDPOINT` takes it. */
export function formatEndpoint(endpoint: Endpoint): string {
  if (endpoint.kind === 'unix') return `unix:${endpoint.path}`;
  const host = endpoint.host.includes(':') ? `[${endpoint.host}]` : endpoint.host;
  return `http://${host}:${endpoint.port}`;
}

function unixEndpoint(value: string): Endpoint | null {
  const path = /^unix:(\/.*)$/.exec(value)?.[1];
  if (path === undefined || Buffer.byteLength(path) > maxSocketPathBytes) return null;
  return { kind: 'unix', path };
}

function httpEndpoint(value: string): Endpoint | null {
  const url = URL.canParse(value) ? new URL(value) : null;
  // Anything beyond the origin would be dropped silently.
  if (url?.protocol !== 'http:' || `${url.origin}/` !== url.href) return null;
  const port = url.port === '' ? 80 : Number(url.port);
  if (port === 0) return null;
  return { kind: 'tcp', host: url.hostname.replace(/^\[|\]$/g, ''), port };
}
