/** The Python client in a machine that is copied: before it has a function, or with one. */
import { spawnSync } from 'node:child_process';
import t, { type Test } from 'tap';
import { type ClientOptions, type ClientRun, runClient } from '../fakeRuntimeApi.js';
import { imageTree } from './imageTree.js';

const python = '/usr/bin/python3';

const hooked = `
import os
from snapshot_restore_py import register_after_restore, register_before_snapshot
told = []
def tell(name, *args, **named):
    told.append(" ".join([name, os.environ["STAGE"], *map(str, args), *map(str, named.items())]))
register_before_snapshot(tell, "before-1", "x", count=7)
@register_before_snapshot
def before_2(): tell("before-2")
register_after_restore(tell, "after-1", "y")
@register_after_restore
def after_2(): tell("after-2")
def handler(event, context): return told
`;
const failing = (register: string, how: string) => `
from snapshot_restore_py import ${register}
import sys
def fail(): ${how}
${register}(print, "the first ran")
${register}(fail)
${register === 'register_after_restore' ? `${register}(print, "the last ran")` : ''}
def handler(event, context): return "served"
`;
const look = `
import os, random, time
at_load = [os.environ.get("FLAG"), os.getcwd(), time.timezone]
def handler(event, context):
    return {"atLoad": at_load, "environment": dict(os.environ), "random": random.random()}
`;
const files = {
  'hooked.py': hooked,
  'plain.py': 'def handler(event, context): return "plain"',
  'refused.py': 'import snapshot_restore_py as s\ns.register_before_snapshot("no function")',
  'before.py': failing('register_before_snapshot', 'raise KeyError("not now")'),
  'after.py': failing('register_after_restore', 'raise KeyError("no way back")'),
  'leaves.py': failing('register_after_restore', 'sys.exit("no way back")'),
  'look.py': look,
};

const snapStart = { AWS_LAMBDA_INITIALIZATION_TYPE: 'snap-start', STAGE: 'snapshotted' };
const restored = { environment: { ...snapStart, STAGE: 'restored' } };

async function run(
  t: Test,
  handler: string,
  options: Partial<ClientOptions> = {},
): Promise<ClientRun> {
  const { pythonClient, taskRoot } = await imageTree(t, files);
  const events = ['{}'];
  return runClient([python, '-u', pythonClient], { taskRoot, handler, events, ...options });
}

const answer = ({ posts }: ClientRun) => JSON.parse(posts.at(-1)?.body ?? 'null');

const version = spawnSync(python, ['--version'], { encoding: 'utf8' });
const skip = version.status === 0 ? false : `there is no ${python}`;

t.test('the Python runtime client around a snapshot', { skip }, async (t) => {
  t.test('hooks run in order, with their arguments', async (t) => {
    const result = await run(t, 'hooked.handler', { more: snapStart, restore: restored });
    t.same(result.waits, ['/restore/next']);
    t.equal(result.exitCode, null);
    t.same(answer(result), [
      'before-2 snapshotted',
      "before-1 snapshotted x ('count', 7)",
      'after-1 restored y',
      'after-2 restored',
    ]);
  });

  t.test('a function without hooks is served', async (t) => {
    const options = { more: snapStart, restore: restored };
    t.equal(answer(await run(t, 'plain.handler', options)), 'plain');
  });

  t.test('without a snapshot no hook runs, and nobody is waited for', async (t) => {
    const result = await run(t, 'hooked.handler', { restore: restored });
    t.same(result.waits, []);
    t.same(answer(result), []);
  });

  t.test('a hook that fails before the snapshot ends the initialisation', async (t) => {
    const result = await run(t, 'before.handler', { more: snapStart, restore: restored });
    t.equal(result.exitCode, 1);
    t.same(result.waits, [], 'there is no snapshot');
    t.match(result.posts, [{ path: '/init/error', errorType: 'KeyError', body: /not now/ }]);
    t.notMatch(result.output, /the first ran/, 'they run in the reverse order');
  });

  for (const [name, errorType] of [
    ['after', 'KeyError'],
    ['leaves', 'SystemExit'],
  ] as const) {
    t.test(
      `one that fails after the restore (${name}) is reported once, by its status`,
      async (t) => {
        const result = await run(t, `${name}.handler`, { more: snapStart, restore: restored });
        t.equal(result.exitCode, 65);
        t.equal(result.posts.length, 1);
        t.match(result.posts, [{ path: '/restore/error', errorType, body: /no way back/ }]);
        t.match(result.output, /the first ran/);
        t.notMatch(result.output, /the last ran/);
      },
    );
  }

  t.test('what cannot be called is refused as it is registered', async (t) => {
    const result = await run(t, 'refused.handler', { more: snapStart });
    t.match(result.posts, [{ path: '/init/error', errorType: 'TypeError', body: /str/ }]);
  });

  t.test('a process that waits for its function becomes that function’s', async (t) => {
    const tree = await imageTree(t, files);
    const environment = {
      FLAG: 'set',
      TZ: 'Asia/Tokyo',
      LAMBDA_TASK_ROOT: tree.taskRoot,
      _HANDLER: 'look.handler',
    };
    const result = await runClient([python, '-u', tree.pythonClient], {
      taskRoot: tree.taskRoot,
      handler: '',
      events: ['{}', '{}'],
      more: { OLD: 'of the template', TZ: ':UTC' },
      start: { environment, directory: tree.taskRoot },
    });
    t.same(result.waits, ['/ballast/start']);
    const bodies = result.posts.slice(1).map(({ body }) => JSON.parse(body));
    t.same(bodies[0].atLoad, ['set', tree.taskRoot, -32_400], 'before its code is loaded');
    const coerced = { LC_CTYPE: 'C.UTF-8' };
    t.same(bodies[0].environment, { ...environment, ...coerced }, 'and only what Python sets');
    t.not(bodies[0].random, bodies[1].random);
  });

  t.test('one may be both: handed its function, then snapshotted with it', async (t) => {
    const tree = await imageTree(t, files);
    const common = { ...snapStart, LAMBDA_TASK_ROOT: tree.taskRoot, _HANDLER: 'hooked.handler' };
    const result = await runClient([python, '-u', tree.pythonClient], {
      taskRoot: tree.taskRoot,
      handler: '',
      events: ['{}'],
      start: { environment: common, directory: tree.taskRoot },
      restore: { environment: { ...common, STAGE: 'restored' } },
    });
    t.same(result.waits, ['/ballast/start', '/restore/next']);
    t.match(answer(result), ['before-2 snapshotted', /before-1/, /after-1 restored/, /after-2/]);
  });
});
