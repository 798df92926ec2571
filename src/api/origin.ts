/**
 * Keeps web pages out. There are no access keys, and a browser lets any page that its user opens
 * send requests to loopback: it only tells where they come from. Programs do not say that.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { BallastError } from '../model/errors.js';
import { sendErrorByPath } from './errors/byPath.js';
import { isLoopback } from './loopback.js';

const shownCharacters = 200;
/** What a browser says of a request by the service's own pages, or by its user. */
const ownSites: readonly unknown[] = [undefined, 'same-origin', 'none'];

export async function refuseForeignPage(request: FastifyRequest, reply: FastifyReply) {
  const reason = foreignHost(request) ?? foreignOrigin(request);
  if (reason === null) return;
  return sendErrorByPath(new BallastError('ORIGIN_REFUSED', reason), request, reply);
}

/**
 * A page can have its own name resolve to 127.0.0.1, and is of the service's origin then. The name
 * gives it away. A browser does not reach a socket file, which may have any name.
 */
function foreignHost(request: FastifyRequest): string | null {
  const { host } = request.headers;
  if (host === undefined || typeof request.server.server.address() === 'string') return null;
  const name = /^\[?(.*?)\]?(:\d*)?$/.exec(host.toLowerCase())?.[1] ?? '';
  if (isLoopback(name)) return null;
  return (
    `The Host header is '${host.slice(0, shownCharacters)}': only localhost, 127.x.x.x and [::1] ` +
    'are served, so that no web page can give this service a name of its own.'
  );
}

function foreignOrigin(request: FastifyRequest): string | null {
  const { origin, host, 'sec-fetch-site': site } = request.headers;
  if (origin !== undefined && hostOf(origin) !== host?.toLowerCase()) {
    return (
      `The request comes from a web page of ${origin.slice(0, shownCharacters)} (its Origin ` +
      'header): only pages of this service may call it. Use a program, such as curl or an SDK.'
    );
  }
  if (ownSites.includes(site)) return null;
  return (
    'The request comes from a web page of another site (its Sec-Fetch-Site header): only pages ' +
    'of this service may call it. Use a program, such as curl or an SDK.'
  );
}

/** The host and port of an origin; null for one that has none, such as `null`. */
function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}
