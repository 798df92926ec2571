import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import t, { type Test } from 'tap';
import { type ClientRun, runClient } from '../fakeRuntimeApi.js';

const client = resolve('guest/runtimes/python/bootstrap.py');
const python = '/usr/bin/python3';

const module = `
import os, sys
def echo(event, context):
    return {"event": event, "id": context.aws_request_id, "name": context.function_name,
            "memory": context.memory_limit_in_mb,
            "custom": context.client_context.custom,
            "left": context.get_remaining_time_in_millis() > 0}
def nothing(event, context): pass
def throws(event, context): raise ValueError("bad")
def unwritable(event, context): return {1, 2}
def leaves(event, context): sys.exit(7)
def dies(event, context): os._exit(3)
def prints(event, context): print("x" * 100000)
text = "not a function"
`;

const run = (t: Test, handler: string, events: readonly string[] = ['{}']): Promise<ClientRun> =>
  runClient([python, '-u', client], {
    handler,
    events,
    taskRoot: t.testdir({
      'main.py': module,
      // The name of a module of the client itself: the function's own must win.
      'handler.py': 'def handler(event, context): return "mine"',
      lib: { 'nested.py': 'def handler(event, context): return "nested"' },
      'broken.py': 'def handler(:',
      'needs.py': 'import no_such_module',
      'breaks.py': 'raise KeyError("at load")',
    }),
  });

const version = spawnSync(python, ['--version'], { encoding: 'utf8' });
const skip = version.status === 0 ? false : `there is no ${python}`;

t.test('the Python runtime client', { skip }, async (t) => {
  t.test('a handler gets its event and context', async (t) => {
    const { posts, exitCode } = await run(t, 'main.echo', ['{"a":[1]}', '"two"']);
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

  for (const [handler, body] of [
    ['main.nothing', 'null'],
    ['handler.handler', '"mine"'],
    ['lib/nested.handler', '"nested"'],
  ] as const) {
    t.test(`${handler} answers ${body}`, async (t) => {
      t.match((await run(t, handler)).posts, [{ body }]);
    });
  }

  t.test('an error is reported with its trace, and the process lives on', async (t) => {
    const { posts, exitCode } = await run(t, 'main.throws', ['{}', '{}']);
    t.equal(exitCode, null);
    t.equal(posts.length, 2);
    const body = JSON.parse(posts[0]?.body ?? '');
    t.match(body, { errorType: 'ValueError', errorMessage: 'bad' });
    t.equal(body.stackTrace.length, 1, 'only the function has a part in it');
    t.match(body.stackTrace[0], /main\.py.*throws/s);
  });

  for (const [handler, errorType, exitCode] of [
    ['main.unwritable', 'TypeError', null],
    ['main.leaves', 'Runtime.ExitError', 7],
  ] as const) {
    t.test(`${handler} is the error ${errorType}`, async (t) => {
      const result = await run(t, handler);
      t.equal(result.exitCode, exitCode);
      t.match(result.posts, [{ path: '/invocation/request-1/error', errorType }]);
    });
  }

  t.test('a process that ends at once reports nothing', async (t) => {
    const { posts, exitCode } = await run(t, 'main.dies');
    t.equal(exitCode, 3);
    t.same(posts, []);
  });

  for (const [handler, errorType] of [
    ['broken.handler', 'Runtime.UserCodeSyntaxError'],
    ['needs.handler', 'Runtime.ImportModuleError'],
    ['absent.handler', 'Runtime.ImportModuleError'],
    ['main.absent', 'Runtime.HandlerNotFound'],
    ['main.text', 'Runtime.HandlerNotFound'],
    ['main', 'Runtime.MalformedHandlerName'],
    ['breaks.handler', 'KeyError'],
  ] as const) {
    t.test(`${handler} ends the initialisation with ${errorType}`, async (t) => {
      const { posts, exitCode } = await run(t, handler);
      t.equal(exitCode, 1);
      t.match(posts, [{ path: '/init/error', errorType }]);
    });
  }

  t.test('all output is written', async (t) => {
    t.equal((await run(t, 'main.prints')).output.length, 100_001);
  });
});
