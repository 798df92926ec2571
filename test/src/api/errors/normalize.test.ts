import type { FastifyRequest } from 'fastify';
import t from 'tap';
import { toBallastError } from '../../../../src/api/errors/normalize.js';
import { BallastError } from '../../../../src/model/errors.js';

/** A request, as far as an error needs one, and what was logged of it. */
function requestOf() {
  const logged: unknown[] = [];
  const request = {
    id: 'the-request',
    routeOptions: { bodyLimit: 1024, schema: {} },
    body: { MemorySize: 1 },
    log: { error: (bindings: unknown) => logged.push(bindings) },
  };
  return { request: request as unknown as FastifyRequest, logged };
}

const withFields = (error: Error, fields: object): Error => Object.assign(error, fields);

t.test('an error of the catalogue is left as it is', async (t) => {
  const { request, logged } = requestOf();
  const error = new BallastError('QUEUE_FULL', 'Too many wait.');
  t.equal(toBallastError(error, request), error);
  t.same(logged, []);
});

t.test('what nobody foresaw is for the log; outside, only the id is seen', async (t) => {
  const secret = 'password 1234';
  const faults = [
    new Error(secret),
    withFields(new Error(secret), { code: 'ENOENT' }),
    withFields(new Error(secret), { code: 'NO_DOMAIN', statusCode: 500 }),
    secret,
    undefined,
  ];
  for (const fault of faults) {
    const { request, logged } = requestOf();
    const error = toBallastError(fault, request);
    t.equal(error.code, 'INTERNAL');
    t.match(error.message, /under the id the-request\.$/);
    t.notMatch(error.message, secret);
    t.equal(error.cause, fault);
    t.same(logged, [{ err: fault }]);
  }
});

t.test("what Fastify refuses is the caller's fault, and says which", async (t) => {
  const bounds = { instancePath: '/MemorySize', keyword: 'minimum', message: 'must be >= 128' };
  const validation = [{ ...bounds, params: {}, schemaPath: '#' }];
  const cases: readonly (readonly [Error, string, RegExp])[] = [
    [
      withFields(new Error('x'), { code: 'FST_ERR_CTP_BODY_TOO_LARGE', statusCode: 413 }),
      'PAYLOAD_TOO_LARGE',
      /larger than 1024 bytes/,
    ],
    [
      withFields(new Error('no such type'), { code: 'FST_ERR_CTP_INVALID_MEDIA_TYPE' }),
      'INVALID_PAYLOAD',
      /could not be read: no such type\. Send one JSON object/,
    ],
    [
      withFields(new SyntaxError('Unexpected }'), { code: 'ANY', statusCode: 400 }),
      'INVALID_PAYLOAD',
      /could not be read: Unexpected }/,
    ],
    [
      withFields(new Error('Bad thing'), { code: 'FST_ERR_OTHER', statusCode: 400 }),
      'INVALID_PARAMETER',
      /^Bad thing$/,
    ],
    [
      withFields(new Error('x'), {
        code: 'FST_ERR_VALIDATION',
        statusCode: 400,
        validation,
        validationContext: 'body',
      }),
      'INVALID_PARAMETER',
      /^MemorySize is 1, but must be >= 128\.$/,
    ],
  ];
  for (const [thrown, code, message] of cases) {
    const { request, logged } = requestOf();
    t.match(toBallastError(thrown, request), { code, message });
    t.same(logged, []);
  }
});
