import type { FastifyRequest, FastifySchemaValidationError } from 'fastify';
import t from 'tap';
import { validationMessage } from '../../../../src/api/errors/validation.js';

const size = { description: 'A whole number from 128.' };
const schema = {
  body: { properties: { Size: size, 'a/b~c': {} }, ...{ description: 'One object.' } },
  querystring: { properties: { Max: size } },
};

interface Values {
  readonly body?: unknown;
  readonly query?: unknown;
}

/** What is said of one finding about a request of these values. */
function say(error: Partial<FastifySchemaValidationError>, values: Values = {}, part = 'body') {
  const request = { routeOptions: { schema }, ...values } as unknown as FastifyRequest;
  const whole = { instancePath: '', keyword: 'type', params: {}, schemaPath: '#', ...error };
  const errors = [{ message: 'must be a number', ...whole }];
  return validationMessage({ errors, part }, request);
}

const atSize = { instancePath: '/Size', schemaPath: '#/properties/Size' };

t.test('a value that is refused is shown, with what the schema says is allowed', async (t) => {
  t.equal(
    say(atSize, { body: { Size: 'x' } }),
    'Size is "x", but must be a number. A whole number from 128.',
  );
  const atMax = { instancePath: '/Max', schemaPath: '#/properties/Max' };
  t.match(say(atMax, { query: { Max: 0 } }, 'querystring'), /^Max is 0, but .* from 128\.$/);
});

t.test('a value is named by its path, and the whole by its part', async (t) => {
  const body = { 'a/b~c': { d: [null] } };
  t.match(say({ instancePath: '/a~1b~0c/d/0' }, { body }), /^a\/b~c\.d\.0 is null, but/);
  t.equal(say({}, { body: [] }), 'The body is [], but must be a number. One object.');
  t.match(say({ instancePath: '/gone/too' }, { body }), /^gone\.too is absent, but/);
  t.match(say({}, { query: {} }, 'querystring'), /^The querystring is {}, but/);
});

t.test('a long value is cut', async (t) => {
  const shown = say(atSize, { body: { Size: 'x'.repeat(500) } });
  t.match(shown, /^Size is "x{99}\.\.\., but/);
});

t.test('what is missing is named, with what it should be', async (t) => {
  const params = { requiredProperties: ['Handler', 'Other'] };
  t.equal(say({ keyword: 'required', params }), 'Handler is missing. One object.');
  const deep = { keyword: 'required', params, instancePath: '/Code', schemaPath: '#/none' };
  t.equal(say(deep), 'Code.Handler is missing.');
});

t.test('what is not offered is named, however the schema found it', async (t) => {
  const refused = 'Code.Extra is not supported. Leave it out.';
  t.equal(say({ keyword: 'boolean', instancePath: '/Code/Extra' }), refused);
  const params = { additionalProperties: ['Extra'] };
  t.equal(say({ keyword: 'additionalProperties', instancePath: '/Code', params }), refused);
});

t.test('a finding without any error is still one', async (t) => {
  const request = { routeOptions: {} } as unknown as FastifyRequest;
  t.equal(validationMessage({ errors: [], part: 'body' }, request), 'The request is malformed.');
});
