/** The Node client in a machine that is copied: before it has a function, or with one. */
import t, { type Test } from 'tap';
import { plainNode } from '../../support/plainNode.js';
import { type ClientOptions, type ClientRun, runClient } from '../fakeRuntimeApi.js';
import { imageTree } from './imageTree.js';

const hooked = `
import { registerAfterRestore, registerBeforeSnapshot } from 'snapshot-restore';
const told = [];
const tell = (name, ...args) => told.push([name, process.env.STAGE, ...args].join(' '));
const slowly = async (...all) => {
  await new Promise((resolve) => setTimeout(resolve, 20));
  tell(...all);
};
registerBeforeSnapshot(slowly, 'before-1', 'x', 7);
registerBeforeSnapshot(tell, 'before-2');
registerAfterRestore(slowly, 'after-1', 'y');
registerAfterRestore(tell, 'after-2');
export const handler = async () => told;
`;
const failing = (register: string, how: string) => `
import { ${register} } from 'snapshot-restore';
${register}(() => console.log('the first ran'));
${register}(${how});
${register === 'registerAfterRestore' ? `${register}(() => console.log('the last ran'));` : ''}
export const handler = async () => 'served';
`;
const files = {
  'package.json': '{}',
  'hooked.mjs': hooked,
  'common.js': `
    const { registerAfterRestore } = require('snapshot-restore');
    const told = [];
    registerAfterRestore((word) => told.push(word), 'after');
    exports.handler = async () => told;`,
  'plain.mjs': 'export const handler = async () => "plain";',
  'refused.mjs': `
    import { registerBeforeSnapshot } from 'snapshot-restore';
    registerBeforeSnapshot('no function');`,
  'before.mjs': failing('registerBeforeSnapshot', '() => { throw new RangeError("not now"); }'),
  'after.mjs': failing('registerAfterRestore', '() => { throw new RangeError("no way back"); }'),
  'async.mjs': failing('registerAfterRestore', 'async () => { throw new RangeError("later"); }'),
  'look.mjs': `
    const atLoad = [process.env.FLAG, process.cwd(), new Date(0).getTimezoneOffset()];
    export const handler = async () => ({
      atLoad,
      environment: process.env,
      random: Math.random(),
    });`,
};

const snapStart = { AWS_LAMBDA_INITIALIZATION_TYPE: 'snap-start', STAGE: 'snapshotted' };
const restored = { environment: { ...snapStart, STAGE: 'restored' } };

async function run(
  t: Test,
  handler: string,
  options: Partial<ClientOptions> = {},
): Promise<ClientRun> {
  const { nodeClient, taskRoot } = await imageTree(t, files);
  const events = ['{}'];
  return runClient([...plainNode, nodeClient], { taskRoot, handler, events, ...options });
}

const answer = ({ posts }: ClientRun) => JSON.parse(posts.at(-1)?.body ?? 'null');

t.test('hooks run around the snapshot, in order, each awaited, with their arguments', async (t) => {
  const { waits, exitCode, ...rest } = await run(t, 'hooked.handler', {
    more: snapStart,
    restore: restored,
  });
  t.same(waits, ['/restore/next']);
  t.equal(exitCode, null);
  t.same(answer({ waits, exitCode, ...rest }), [
    'before-2 snapshotted',
    'before-1 snapshotted x 7',
    'after-1 restored y',
    'after-2 restored',
  ]);
});

t.test('CommonJS has the same hooks, and a function without any is served', async (t) => {
  const options = { more: snapStart, restore: restored };
  t.same(answer(await run(t, 'common.handler', options)), ['after']);
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
  t.match(result.posts, [{ path: '/init/error', errorType: 'RangeError', body: /not now/ }]);
  t.notMatch(result.output, /the first ran/, 'they run in the reverse order');
});

for (const [name, message] of [
  ['after', /no way back/],
  ['async', /later/],
] as const) {
  t.test(
    `one that fails after the restore (${name}) is reported once, by its status`,
    async (t) => {
      const result = await run(t, `${name}.handler`, { more: snapStart, restore: restored });
      t.equal(result.exitCode, 65);
      t.equal(result.posts.length, 1);
      t.match(result.posts, [{ path: '/restore/error', errorType: 'RangeError', body: message }]);
      t.match(result.output, message);
      t.match(result.output, /the first ran/);
      t.notMatch(result.output, /the last ran/);
    },
  );
}

t.test('what is no function is refused as it is registered', async (t) => {
  const result = await run(t, 'refused.handler', { more: snapStart });
  t.match(result.posts, [{ path: '/init/error', errorType: 'TypeError', body: /string/ }]);
});

t.test('a process that waits for its function becomes that function’s', async (t) => {
  const tree = await imageTree(t, files);
  const environment = {
    FLAG: 'set',
    TZ: 'Asia/Tokyo',
    LAMBDA_TASK_ROOT: tree.taskRoot,
    _HANDLER: 'look.handler',
  };
  const result = await runClient([...plainNode, tree.nodeClient], {
    taskRoot: tree.taskRoot,
    handler: '',
    events: ['{}', '{}'],
    more: { OLD: 'of the template', TZ: ':UTC' },
    start: { environment, directory: tree.taskRoot },
  });
  t.same(result.waits, ['/ballast/start']);
  t.same(
    result.posts.map(({ path }) => path),
    [
      '/invocation/none/response',
      '/invocation/request-1/response',
      '/invocation/request-2/response',
    ],
  );
  const bodies = result.posts.slice(1).map(({ body }) => JSON.parse(body));
  t.same(bodies[0].atLoad, ['set', tree.taskRoot, -540], 'before its code is loaded');
  t.same(bodies[0].environment, environment, 'and nothing else is in its environment');
  for (const { random } of bodies) t.ok(random >= 0 && random < 1);
  t.not(bodies[0].random, bodies[1].random);
});

t.test('a function whose code fails then is told as by any process', async (t) => {
  const tree = await imageTree(t, files);
  const environment = { LAMBDA_TASK_ROOT: tree.taskRoot, _HANDLER: 'absent.handler' };
  const { posts, exitCode } = await runClient([...plainNode, tree.nodeClient], {
    taskRoot: tree.taskRoot,
    handler: '',
    events: [],
    start: { environment, directory: tree.taskRoot },
  });
  t.equal(exitCode, 1);
  t.match(posts.at(-1), { path: '/init/error', errorType: 'Runtime.ImportModuleError' });
});

t.test('one may be both: handed its function, then snapshotted with it', async (t) => {
  const tree = await imageTree(t, files);
  const common = { ...snapStart, LAMBDA_TASK_ROOT: tree.taskRoot, _HANDLER: 'hooked.handler' };
  const result = await runClient([...plainNode, tree.nodeClient], {
    taskRoot: tree.taskRoot,
    handler: '',
    events: ['{}'],
    start: { environment: common, directory: tree.taskRoot },
    restore: { environment: { ...common, STAGE: 'restored' } },
  });
  t.same(result.waits, ['/ballast/start', '/restore/next']);
  t.match(answer(result), ['before-2 snapshotted', /before-1/, /after-1 restored/, /after-2/]);
});
