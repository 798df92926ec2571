/**
 * How request bodies are read. What a client calls its content does not matter, only what it is.
 */
import type { Api } from './context.js';

/**
 * Bodies of this scope are JSON: some official clients send it under no content type at all, and
 * others name one where there is no body.
 */
export function acceptJson(scope: Api): void {
  scope.removeAllContentTypeParsers();
  const parse = scope.getDefaultJsonParser('error', 'error');
  scope.addContentTypeParser('*', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined);
    else parse(request, String(body), done);
  });
}

/** Bodies of this scope are bytes, handed on as they are. */
export function acceptBytes(scope: Api): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => {
    done(null, body);
  });
}
