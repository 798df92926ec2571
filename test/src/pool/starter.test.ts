/** How an instance begins, and what is done with a template that fails, without QEMU. */
import { open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import t, { type Test } from 'tap';
import type { FunctionRecord } from '../../../src/model/function.js';
import { limits } from '../../../src/model/limits.js';
import type { BootOrder } from '../../../src/pool/boot.js';
import { ShellRack } from '../../../src/pool/shell/rack.js';
import { Starter } from '../../../src/pool/starter.js';
import { type Subject, subjectName } from '../../../src/pool/template/subject.js';
import type { Template } from '../../../src/pool/template/template.js';
import type { Templates } from '../../../src/pool/template/templates.js';
import { openBootPlace } from '../../support/bootRules.js';
import { FakeHypervisor } from '../../support/fakeHypervisor.js';
import { FakeTemplate } from '../../support/fakeTemplate.js';
import { functionRecord } from '../../support/functionRecord.js';
import { Gate } from '../../support/gate.js';

const hypervisor = new FakeHypervisor(t);
const { dir, rules, put } = await openBootPlace(t, hypervisor.connection);
const { instancesDir, geometry, mechanism } = rules;
const logger = pino({ level: 'silent' });
const imagePath = await put('code.erofs', new Uint8Array());
const image = await open(imagePath, 'r+');
await image.truncate(limits.taskDiskBytes);
await image.close();
const fn = functionRecord('hello', { code: { sha256: '0', zipBytes: 1, imagePath } });
let starters = 0;

/** Templates that a test makes and takes away; what is asked of them is noted. */
class ToldTemplates {
  template: Template | null = null;
  /** Of the versions of functions. */
  readonly snapshots = new Map<string, Template>();
  readonly asked: string[] = [];
  onReady: (template: Template) => void = () => {};
  onGone: (template: Template) => void = () => {};

  async find(subject: Subject): Promise<Template | null> {
    return this.ready(subject);
  }

  ready(subject: Subject): Template | null {
    if (subject.kind === 'runtime') return this.template;
    return this.snapshots.get(subjectName(subject)) ?? null;
  }

  prepare(subject: Subject): void {
    this.asked.push(`prepare ${subjectName(subject)}`);
  }

  async discard(template: Template): Promise<void> {
    const name = subjectName(template.subject);
    this.asked.push(`discard ${name}`);
    this.snapshots.delete(name);
    if (this.template === template) this.template = null;
    this.onGone(template);
  }

  async close(): Promise<void> {
    this.asked.push('close');
  }

  /** A template came to be. */
  async make(): Promise<Template> {
    starters += 1;
    this.template = (await FakeTemplate.create(dir, `template-${starters}`)).template;
    this.onReady(this.template);
    return this.template;
  }

  /** A snapshot of a version came to be. */
  async snapshot(of: FunctionRecord): Promise<Template> {
    starters += 1;
    const subject: Subject = { kind: 'function', fn: of };
    const { template } = await FakeTemplate.create(dir, `template-${starters}`, subject);
    this.snapshots.set(subjectName(subject), template);
    this.onReady(template);
    return template;
  }
}

const unlimited = { reserve: () => true, settle: () => {}, close: () => {} };

interface Bench {
  readonly starter: Starter;
  readonly rack: ShellRack;
  readonly templates: ToldTemplates;
  start(signal?: AbortSignal, of?: FunctionRecord): ReturnType<Starter['start']>;
}

/** A test with a starter of its own, which leaves nothing but what was started. */
function starterTest(name: string, body: (t: Test, bench: Bench) => Promise<void>): void {
  t.test(name, async (t) => {
    hypervisor.onCreate = () => {};
    hypervisor.endsEarly = () => false;
    hypervisor.onDestroy = () => {};
    hypervisor.onRequest = () => undefined;
    const templates = new ToldTemplates();
    const onStray = () => t.fail('every machine can be ended');
    const rack = new ShellRack({
      rules: { machine: rules, instancesDir, emptyTaskPath: rules.image.rootPath },
      accounts: unlimited,
      prepare: null,
      shellMib: 64,
      logger,
      onStray,
    });
    const starter = new Starter({
      boot: rules,
      load: { geometry, mechanism, loadTimeoutMs: 5_000 },
      templates: templates as unknown as Templates,
      rack,
      leastShells: 1,
      logger,
    });
    let instances = 0;
    const start: Bench['start'] = async (signal = new AbortController().signal, of = fn) => {
      instances += 1;
      const instanceId = `i-${starters}-${instances}`;
      const order: BootOrder = {
        instanceId,
        fn: of,
        requestedMib: 128,
        handlers: {},
        onStray,
        signal,
      };
      const parts = await starter.start(order);
      t.teardown(() => parts.agent.close());
      return parts;
    };
    await body(t, { starter, rack, templates, start });
    for (const { domain, isRunning } of hypervisor.machines) {
      if (isRunning) await domain.domain.destroy();
    }
    await starter.close();
    t.same(hypervisor.running, [], 'nothing runs on');
    for (const name of await readdir(instancesDir)) {
      await rm(join(instancesDir, name), { recursive: true });
    }
  });
}

/** Every clone fails as it wakes. */
const failClones = () => {
  hypervisor.onRequest = (_machine, op) => (op === 'wake' ? { memory: null } : undefined);
};

const shellsLeft = async () =>
  (await readdir(instancesDir)).filter((name) => name.startsWith('s-'));

starterTest('without a template the guest is booted, and one is made', async (t, bench) => {
  const { start } = await bench.start();
  t.equal(start, 'boot');
  t.same(bench.templates.asked, [`prepare ${fn.runtime}`]);
});

starterTest('a machine that ends as it boots is replaced once', async (t, { start }) => {
  const before = hypervisor.machines.length;
  const begun = () => hypervisor.machines.length - before;
  hypervisor.endsEarly = () => begun() === 0;
  t.equal((await start()).start, 'boot');
  t.equal(begun(), 2);
  hypervisor.endsEarly = () => true;
  await t.rejects(start(), {
    code: 'INSTANCE_START_FAILED',
    message: /the channel to the guest was closed/,
  });
  t.equal(begun(), 4, 'and no more often');
});

starterTest(
  'with one it is cloned, and a shell kept ready',
  async (t, { start, templates, rack }) => {
    const template = await templates.make();
    while (rack.countOf(template) === 0) await delay(5);
    t.equal((await start()).start, 'clone');
    t.same(templates.asked, []);
  },
);

starterTest('so many shells are kept as are wanted, before and after', async (t, bench) => {
  const { starter, templates, rack } = bench;
  starter.keepShells(fn.runtime, 2);
  const template = await templates.make();
  while (rack.countOf(template) < 2) await delay(5);
  starter.keepShells(fn.runtime, 0);
  t.equal(rack.countOf(template), 0);
});

starterTest('where a template fails the guest is booted', async (t, { start, templates }) => {
  await templates.make();
  failClones();
  t.equal((await start()).start, 'boot');
  t.notMatch(templates.asked, [/discard/], 'once may be chance');
  hypervisor.onRequest = () => undefined;
  t.equal((await start()).start, 'clone');
  failClones();
  t.equal((await start()).start, 'boot');
  t.notOk(
    templates.asked.some((what) => what.startsWith('discard')),
    'a success in between counts',
  );
});

starterTest('one that failed twice in a row is discarded', async (t, bench) => {
  const { start, templates, rack } = bench;
  const template = await templates.make();
  failClones();
  for (const turn of ['first', 'second']) t.equal((await start()).start, 'boot', turn);
  t.equal(templates.asked.filter((what) => what.startsWith('discard')).length, 1);
  t.equal(rack.countOf(template), 0, 'with its shells');
  t.equal((await start()).start, 'boot', 'and not used any more');
  while ((await shellsLeft()).length > 0) await delay(5);
  t.pass('what failed has left nothing');
});

starterTest(
  'a shell that cannot be started is a failure as well',
  async (t, { start, templates }) => {
    hypervisor.onCreate = (name) => {
      if (name.startsWith('ballast-s-')) throw new Error('no more processes');
    };
    await templates.make();
    t.equal((await start()).start, 'boot');
  },
);

starterTest('a start that is given up throws the reason, and blames nobody', async (t, bench) => {
  const { start, templates, starter } = bench;
  await templates.make();
  const closing = new AbortController();
  const reason = new Error('the service is stopping');
  hypervisor.onRequest = () => {
    closing.abort(reason);
    return undefined;
  };
  const gate = new Gate();
  hypervisor.onDestroy = () => gate.wait();
  const caught = await start(closing.signal).catch((error: unknown) => error);
  t.equal(caught, reason);
  t.same(templates.asked, []);
  let isClosed = false;
  const closed = starter.close().then(() => {
    isClosed = true;
  });
  await delay(50);
  t.equal(isClosed, false, 'what was given up is ended before the service');
  gate.open();
  await closed;
});

const published = {
  ...fn,
  version: '1',
  snapStart: 'PublishedVersions' as const,
};

starterTest('a snapshotted version is cloned from its own template first', async (t, bench) => {
  const { start, templates } = bench;
  await templates.make();
  const { signal } = new AbortController();
  const before = await start(signal, published);
  t.match(before, { start: 'clone', isInitialised: false }, 'from its runtime’s meanwhile');
  t.same(templates.asked, ['prepare hello:1']);
  await templates.snapshot(published);
  t.match(await start(signal, published), { start: 'clone', isInitialised: true });
  t.match(await start(signal, fn), { isInitialised: false }, 'no other version is');
});

starterTest('where a snapshot fails, the runtime’s template serves', async (t, bench) => {
  const { start, templates } = bench;
  await templates.make();
  await templates.snapshot(published);
  const { signal } = new AbortController();
  hypervisor.onRequest = ({ xml }, op) =>
    op === 'wake' && xml.includes(imagePath) ? { memory: null } : undefined;
  for (const turn of ['first', 'second']) {
    t.match(await start(signal, published), { start: 'clone', isInitialised: false }, turn);
  }
  t.same(templates.asked, ['prepare hello:1', 'discard hello:1', 'prepare hello:1']);
});
