import { resolve } from 'node:path';
import t, { type Test } from 'tap';
import { plainNode } from '../../support/plainNode.js';
import { type ClientRun, runClient } from '../fakeRuntimeApi.js';

const client = resolve('guest/runtimes/node/bootstrap.mjs');

const commonJs = `
exports.echo = async (event, context) => ({ event, id: context.awsRequestId,
  name: context.functionName, memory: context.memoryLimitInMB, custom: context.clientContext.custom,
  left: context.getRemainingTimeInMillis() > 0 });
exports.nothing = async () => {};
exports.callback = (event, context, callback) => { setTimeout(() => callback(null, 'called'), 1); };
exports.impatient = (event, context, callback) => {
  context.callbackWaitsForEmptyEventLoop = false;
  setInterval(() => {}, 1000);
  callback(null, 'at once');
};
exports.silent = () => {};
exports.throws = async () => { throw new TypeError('bad'); };
exports.fails = (event, context, callback) => callback(new RangeError('far'));
exports.circular = async () => { const a = {}; a.a = a; return a; };
exports.late = () => new Promise(() => setTimeout(() => { throw new Error('uncaught'); }, 1));
exports.rejects = () => new Promise(() => { Promise.reject(new Error('unhandled')); });
exports.prints = async () => { for (let i = 0; i < 2000; i++) console.log('x'.repeat(99)); };
exports.deep = { inner: async () => 'deep' };
exports.text = 'not a function';
`;

function tree(t: Test): string {
  return t.testdir({
    // Or the checkout's own package.json would make modules of them.
    'package.json': '{}',
    'index.js': commonJs,
    'module.mjs': 'export const handler = async () => "module";',
    lib: { 'nested.js': 'exports.handler = async () => "nested";' },
    esm: {
      'package.json': '{"type":"module"}',
      'index.js': 'export const handler = async () => "esm";',
    },
    'broken.js': 'exports.handler = (',
    'needs.js': 'require("no-such-module");',
    'breaks.js': 'throw new URIError("at load");',
  });
}

const run = (t: Test, handler: string, events: readonly string[] = ['{}']): Promise<ClientRun> =>
  runClient([...plainNode, client], { taskRoot: tree(t), handler, events });

t.test('a handler gets its event and context', async (t) => {
  const { posts, exitCode } = await run(t, 'index.echo', ['{"a":[1]}', '"two"']);
  t.equal(exitCode, null, 'it waits for more');
  t.match(posts, [
    { path: '/invocation/request-1/response' },
    { path: '/invocation/request-2/response' },
  ]);
  t.same(JSON.parse(posts[0]?.body ?? ''), {
    event: { a: [1] },
    id: 'request-1',
    name: 'f',
    memory: '256',
    custom: { a: 1 },
    left: true,
  });
});

const answers: Readonly<Record<string, string>> = {
  'index.nothing': 'null',
  'index.callback': '"called"',
  'index.impatient': '"at once"',
  'index.silent': 'null',
  'index.deep.inner': '"deep"',
  'module.handler': '"module"',
  'lib/nested.handler': '"nested"',
  'esm/index.handler': '"esm"',
};
for (const [handler, body] of Object.entries(answers)) {
  t.test(`${handler} answers ${body}, twice`, async (t) => {
    const { posts } = await run(t, handler, ['{}', '{}']);
    t.same(
      posts.map((post) => post.body),
      [body, body],
    );
  });
}

const errors: Readonly<Record<string, readonly [type: string, message: RegExp]>> = {
  'index.throws': ['TypeError', /^bad$/],
  'index.fails': ['RangeError', /^far$/],
  'index.circular': ['TypeError', /circular/],
};
for (const [handler, [type, message]] of Object.entries(errors)) {
  t.test(`${handler} is the error ${type}, and the process lives on`, async (t) => {
    const { posts, exitCode } = await run(t, handler, ['{}', '{}']);
    t.equal(exitCode, null);
    t.equal(posts.length, 2);
    t.match(posts[0], { path: '/invocation/request-1/error', errorType: type });
    const body = JSON.parse(posts[0]?.body ?? '');
    t.match(body, { errorType: type, errorMessage: message });
    t.type(body.trace, Array);
  });
}

for (const [handler, type] of [
  ['index.late', 'Error'],
  ['index.rejects', 'Runtime.UnhandledPromiseRejection'],
] as const) {
  t.test(`${handler} is reported and ends the process`, async (t) => {
    const { posts, exitCode } = await run(t, handler);
    t.equal(exitCode, 1);
    t.match(posts, [{ path: '/invocation/request-1/error', errorType: type }]);
  });
}

const loadErrors: Readonly<Record<string, string>> = {
  'broken.handler': 'Runtime.UserCodeSyntaxError',
  'needs.handler': 'Runtime.ImportModuleError',
  'absent.handler': 'Runtime.ImportModuleError',
  '../outside.handler': 'Runtime.ImportModuleError',
  'index.absent': 'Runtime.HandlerNotFound',
  'index.text': 'Runtime.HandlerNotFound',
  index: 'Runtime.MalformedHandlerName',
  'breaks.handler': 'URIError',
};
for (const [handler, type] of Object.entries(loadErrors)) {
  t.test(`${handler} ends the initialisation with ${type}`, async (t) => {
    const { posts, exitCode } = await run(t, handler);
    t.equal(exitCode, 1);
    t.match(posts, [{ path: '/init/error', errorType: type }]);
    t.equal(JSON.parse(posts[0]?.body ?? '').errorType, type);
  });
}

t.test('all output is written', async (t) => {
  const { output } = await run(t, 'index.prints');
  t.equal(output.length, 200_000);
});
