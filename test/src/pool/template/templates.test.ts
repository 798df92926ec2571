/** Templates of guests that are none: found, built one at a time, tried again, removed. */
import { appendFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { mock } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import t, { type Test } from 'tap';
import { type Subject, subjectKey, subjectName } from '../../../../src/pool/template/subject.js';
import { Templates, type TemplatesOptions } from '../../../../src/pool/template/templates.js';
import { openBootPlace } from '../../../support/bootRules.js';
import { guestMemory } from '../../../support/fakeGuest.js';
import { FakeHypervisor } from '../../../support/fakeHypervisor.js';
import { functionRecord } from '../../../support/functionRecord.js';
import { Gate } from '../../../support/gate.js';

t.setTimeout(3 * 60_000);
const hypervisor = new FakeHypervisor(t);
const place = await openBootPlace(t, hypervisor.connection);
const ground = 'b'.repeat(32);
const logger = pino({ level: 'silent' });
const retryMs = 60_000;
/** Guests that are none need no memory, and each template's is digested as a whole. */
const smallFloorMib = 32;
let directories = 0;

const runtime = (name: string): Subject => ({ kind: 'runtime', runtime: name });
const [python, node, provided] = [
  runtime('python3.11'),
  runtime('nodejs18.x'),
  runtime('provided'),
] as const;

interface Bench {
  readonly dir: string;
  /** Runtimes whose template came to be, in order. */
  readonly made: string[];
  /** Closes with the test. */
  open(changes?: Partial<TemplatesOptions>): Promise<Templates>;
}

function templatesTest(name: string, body: (t: Test, bench: Bench) => Promise<void>): void {
  t.test(name, async (t) => {
    hypervisor.onCreate = () => {};
    hypervisor.onDestroy = () => {};
    hypervisor.onRequest = () => undefined;
    directories += 1;
    const dir = join(place.dir, `templates-${directories}`);
    const made: string[] = [];
    const opened: Templates[] = [];
    const open: Bench['open'] = async (changes = {}) => {
      const templates = await Templates.open(optionsFor(t, dir, changes));
      templates.onReady = ({ subject }) => made.push(subjectName(subject));
      opened.push(templates);
      return templates;
    };
    await body(t, { dir, made, open });
    for (const templates of opened) await templates.close();
    t.same(hypervisor.running, [], 'no machine is left');
    const names = await readdir(dir);
    t.notOk(
      names.some((name) => name.endsWith('.new')),
      'nothing is left half-made',
    );
  });
}

function optionsFor(t: Test, dir: string, changes: Partial<TemplatesOptions>): TemplatesOptions {
  const { rules } = place;
  const { blankScratchPath, bootTimeoutMs, image, geometry } = rules;
  return {
    dir,
    ground,
    build: {
      machine: { ...rules, geometry: { ...geometry, floorMib: smallFloorMib } },
      method: 'clone',
      qemuIds: null,
      blankScratchPath,
      emptyTaskPath: image.rootPath,
      bootTimeoutMs,
      initTimeoutMs: 5_000,
      identity: { region: 'us-east-1', accountId: '000000000000' },
      settleMs: 5_000,
    },
    subjects: [python, node, provided],
    accounts: unlimited,
    ramProgram: resolve('build/launcher/ballast-ram'),
    maxMemoryMib: 256,
    logger,
    signal: new AbortController().signal,
    onStray: () => t.fail('every machine can be ended'),
    ...changes,
  };
}

const unlimited = { reserve: () => true, settle: () => {}, close: () => {} };
const builds = () => hypervisor.machines.length;

templatesTest('one is built at first need, and found ever after', async (t, bench) => {
  const { dir, made, open } = bench;
  const before = builds();
  const templates = await open();
  t.equal(templates.ready(python), null);
  t.same(templates.views(noShells), []);
  const template = await templates.ensure(python);
  t.equal(templates.ready(python), template);
  t.equal(await templates.ensure(python), template);
  const key = subjectKey(ground, python);
  t.same(await readdir(dir), [key]);
  t.match(templates.views(noShells), [
    { of: 'python3.11', state: 'ready', stage: null, error: null, key },
  ]);
  const machine = hypervisor.machines.at(-1);
  t.match(machine?.xml, /BALLAST_RAM_SHARE.*on/, 'its guest writes into the file');
  t.match(machine?.guest.requests, [{ head: { op: 'preload', runtime: 'python3.11' } }]);
  t.match(machine?.domain.commands.map(({ command }) => command).slice(0, 6), [
    'query-status',
    'stop',
    'migrate-set-capabilities',
    'migrate-set-parameters',
    'getfd',
    'migrate',
  ]);
  await templates.close();
  const again = await open();
  t.equal((await again.ensure(python)).key, key);
  t.equal(builds(), before + 1, 'it was found');
  t.same(made, ['python3.11', 'python3.11']);
});

templatesTest('one on the disk is found without asking, and none is built', async (t, bench) => {
  const { made, open } = bench;
  const first = await open();
  t.equal(await first.find(provided), null);
  t.same(first.views(noShells), [], 'nobody asked for it to be made');
  const { key } = await first.ensure(provided);
  const before = builds();
  const next = await open();
  const [found, same] = await Promise.all([next.find(provided), next.find(provided)]);
  t.equal(found?.key, key);
  t.equal(found, same, 'it is opened once');
  t.equal(await next.ensure(provided), found);
  t.equal(next.ready(provided), found);
  t.same(made, ['provided', 'provided']);
  t.equal(builds(), before);
});

templatesTest('whoever looks for one that is being built is not held up', async (t, bench) => {
  const templates = await bench.open();
  const gate = new Gate();
  hypervisor.onCreate = () => gate.wait();
  const building = templates.ensure(provided);
  await gate.arrival();
  t.equal(await templates.find(provided), null);
  gate.open();
  t.equal(await templates.find(provided), null);
  t.equal(await building, await templates.find(provided));
});

templatesTest(
  'one that cannot be opened is none, and is not tried at once again',
  async (t, bench) => {
    const { key } = await (await bench.open()).ensure(provided);
    const templates = await bench.open({ maxMemoryMib: -1 });
    t.equal(await templates.find(provided), null);
    t.match(templates.views(noShells), [{ state: 'failed', error: /more than the -1 MiB/ }]);
    await rm(join(bench.dir, key), { recursive: true });
    t.equal(await templates.find(provided), null);
    t.match(templates.views(noShells), [{ error: /more than the -1 MiB/ }], 'it was not looked at');
  },
);

templatesTest('one at a time is built, once for all who ask', async (t, { open, made }) => {
  const templates = await open();
  const gate = new Gate();
  const started: string[] = [];
  hypervisor.onCreate = async (name) => {
    started.push(name);
    if (started.length === 1) await gate.wait();
  };
  const [first, same] = [templates.ensure(node), templates.ensure(node)];
  templates.prepare(node);
  const other = templates.ensure(provided);
  await gate.arrival();
  await delay(50);
  t.equal(started.length, 1);
  t.match(templates.views(noShells), [
    { of: 'nodejs18.x', state: 'building', stage: 'booting a guest' },
    { of: 'provided', state: 'building', stage: 'waiting' },
  ]);
  gate.open();
  t.equal(await first, await same);
  await other;
  t.equal(started.length, 2);
  t.same(made, ['nodejs18.x', 'provided']);
});

templatesTest(
  'why one could not be made is told, and the next is not held up',
  async (t, bench) => {
    const { open, made } = bench;
    const templates = await open();
    const logTail = Buffer.from('no module named json\n').toString('base64');
    hypervisor.onRequest = ({ xml }) =>
      xml.includes(subjectKey(ground, python).slice(0, 12))
        ? { outcome: 'error', initMs: 1, logTail, memory: guestMemory }
        : undefined;
    const failing = templates.ensure(python);
    const good = templates.ensure(provided);
    const message = /template of python3.11 could not be made: .*error: no module named json/;
    await t.rejects(failing, { code: 'TEMPLATE_FAILED', message });
    await good;
    t.match(templates.views(noShells)[0], {
      state: 'failed',
      error: /no module named json/,
      key: null,
    });
    t.same(made, ['provided']);
  },
);

templatesTest('a failed one is tried again later, or when somebody asks', async (t, { open }) => {
  const templates = await open();
  hypervisor.onCreate = () => {
    throw new Error('no more processes');
  };
  await t.rejects(templates.ensure(provided), { code: 'TEMPLATE_FAILED' });
  let tries = 0;
  hypervisor.onCreate = () => {
    tries += 1;
    throw new Error('still none');
  };
  templates.prepare(provided);
  await delay(50);
  t.equal(tries, 0, 'not at once');
  await t.rejects(templates.ensure(provided), { message: /still none/ });
  t.equal(tries, 1, 'but when it is asked for');
  const laterMs = performance.now() + retryMs;
  const now = mock.method(performance, 'now', () => laterMs);
  hypervisor.onCreate = () => {};
  templates.prepare(provided);
  now.mock.restore();
  while (templates.ready(provided) === null) await delay(10);
  t.match(templates.views(noShells), [{ state: 'ready', error: null }]);
});

templatesTest('a damaged one is never used, but built anew', async (t, { dir, open }) => {
  const key = subjectKey(ground, provided);
  await (await open()).ensure(provided);
  for (const name of ['boot.ram', 'device.state', 'scratch.tar', 'template.json']) {
    const before = builds();
    await appendFile(join(dir, key, name), 'x');
    await (await open()).ensure(provided);
    t.equal(builds(), before + 1, name);
  }
});

templatesTest('what is of another ground, or half-made, goes', async (t, { dir, open }) => {
  const key = subjectKey(ground, provided);
  await (await open()).ensure(provided);
  await mkdir(join(dir, 'cafe.new'));
  await writeFile(join(dir, 'cafe.new', 'boot.ram'), 'half');
  const manifest = await readFile(join(dir, key, 'template.json'), 'utf8');
  await mkdir(join(dir, `${key}.new`));
  await writeFile(join(dir, `${key}.new`, 'template.json'), manifest);
  await writeFile(join(dir, 'file'), '');
  await open();
  t.same(await readdir(dir), [key], 'its own stays');
  await rename(join(dir, key), join(dir, 'a'.repeat(32)));
  await open();
  t.same(await readdir(dir), [], 'under another name it is nobody’s');
  await (await open()).ensure(provided);
  await open({ subjects: [python] });
  t.same(await readdir(dir), [], 'nor is one of what is not there any more');
  await (await open()).ensure(provided);
  await open({ ground: 'c'.repeat(32) });
  t.same(await readdir(dir), [], 'nor is one of another ground');
});

templatesTest('one that is no whole template is made again', async (t, { dir, open }) => {
  const key = subjectKey(ground, provided);
  await mkdir(join(dir, key), { recursive: true });
  await writeFile(join(dir, key, 'boot.ram'), 'half');
  await (await open()).ensure(provided);
  const made = ['boot.ram', 'device.state', 'scratch.img', 'scratch.tar', 'template.json'];
  t.same((await readdir(join(dir, key))).sort(), made);
});

templatesTest('one that cannot be used is looked at again', async (t, { open, made }) => {
  const templates = await open();
  const template = await templates.ensure(provided);
  const before = builds();
  await templates.discard(template);
  t.equal(templates.ready(provided), null);
  await t.rejects(template.ram(), { message: /not used any more/ });
  const again = await templates.ensure(provided);
  t.not(again, template);
  t.equal(builds(), before, 'its files are whole');
  await templates.discard(template);
  t.equal(templates.ready(provided), again, 'what was discarded before is not this one');
  await templates.discard(again);
  t.equal(await templates.find(provided), null, 'one that does not work though it is whole');
  t.match(
    templates.views(() => 0),
    [{ state: 'failed', error: /no instance could be started/ }],
  );
  await templates.ensure(provided);
  t.equal(builds(), before + 1, 'is built anew for who asks for it');
  t.same(made, ['provided', 'provided', 'provided']);
});

templatesTest('a service that stops gives up what it builds', async (t, { open, dir }) => {
  const closing = new AbortController();
  const templates = await open({ signal: closing.signal });
  const reason = new Error('The service is stopping.');
  hypervisor.onRequest = () => {
    closing.abort(reason);
    return undefined;
  };
  const first = templates.ensure(provided).catch((error: unknown) => error);
  const second = templates.ensure(python).catch((error: unknown) => error);
  const before = performance.now();
  await templates.close();
  t.ok(performance.now() - before < 20_000, 'at once');
  t.equal(await first, reason);
  t.equal(await second, reason);
  t.same(await readdir(dir), []);
});

templatesTest('memory beyond what the budget sets aside makes no template', async (t, { open }) => {
  const templates = await open({ maxMemoryMib: -1 });
  await t.rejects(templates.ensure(provided), {
    code: 'TEMPLATE_FAILED',
    message: /more than the -1 MiB/,
  });
  t.equal(templates.ready(provided), null);
});

const version = (name: string, changes: object = {}): Subject => ({
  kind: 'function',
  fn: functionRecord('hello', { version: name, ...changes }),
});

templatesTest('a function’s is charged what it takes, until it is forgotten', async (t, bench) => {
  const { dir, open, made } = bench;
  const charged = new Map<string, number>();
  const accounts = {
    reserve: (id: string, mib: number) => charged.size < 2 && Boolean(charged.set(id, mib)),
    settle: (id: string, mib: number) => void charged.set(id, mib),
    close: (id: string) => void charged.delete(id),
  };
  const templates = await open({ accounts });
  const gone: string[] = [];
  templates.onGone = ({ subject }) => gone.push(subjectName(subject));
  const first = await templates.ensure(version('1'));
  t.same([...charged], [[`t-${first.key}`, first.memoryMib]]);
  await templates.ensure(version('2'));
  const message = /hello:3 could not be made: the budget has no room for the 256 MiB/;
  await t.rejects(templates.ensure(version('3')), { code: 'TEMPLATE_FAILED', message });
  t.same(made, ['hello:1', 'hello:2']);
  await templates.forget('other', null);
  await templates.forget('hello', '1');
  t.same(gone, ['hello:1']);
  t.equal(templates.ready(version('1')), null);
  t.equal(charged.size, 1);
  t.notOk((await readdir(dir)).includes(first.key), 'its files have gone');
  await t.rejects(first.ram(), { message: /not used any more/ });
  await templates.forget('hello', null);
  t.equal(charged.size, 0);
  t.equal(templates.ready(version('2')), null);
});

templatesTest('one that is forgotten while it is made is not kept', async (t, { dir, open }) => {
  const templates = await open();
  const gate = new Gate();
  hypervisor.onCreate = () => gate.wait();
  const making = templates.ensure(version('1'));
  await gate.arrival();
  const forgetting = templates.forget('hello', '1');
  gate.open();
  await making;
  await forgetting;
  t.equal(templates.ready(version('1')), null);
  t.same(await readdir(dir), []);
});

templatesTest('a version of the same name is of another function', async (t, { open }) => {
  const templates = await open();
  const first = await templates.ensure(version('1'));
  const second = version('1', { revisionId: 'created again' });
  t.equal(templates.ready(second), null);
  await templates.forget('hello', null);
  const other = await templates.ensure(second);
  t.not(other.key, first.key);
  t.equal(templates.ready(second), other);
});

const noShells = () => 0;

t.test('the directory can be made, and passed by QEMU’s user', async (t) => {
  const dir = join(place.dir, 'deep', 'templates');
  const templates = await Templates.open(optionsFor(t, dir, {}));
  await templates.close();
  await rm(dir, { recursive: true });
});
