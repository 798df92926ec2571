/** How a shell becomes an instance, step by step, with a QEMU and a guest that are none. */
import { open } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { limits } from '../../../../src/model/limits.js';
import { type LoadOrder, loadShell } from '../../../../src/pool/shell/load.js';
import { endShell, type Shell, startShell } from '../../../../src/pool/shell/shell.js';
import { openBootPlace } from '../../../support/bootRules.js';
import { guestMemory } from '../../../support/fakeGuest.js';
import { FakeHypervisor, type FakeMachine } from '../../../support/fakeHypervisor.js';
import { FakeTemplate } from '../../../support/fakeTemplate.js';
import { functionRecord } from '../../../support/functionRecord.js';

const hypervisor = new FakeHypervisor(t);
const { dir, rules, put } = await openBootPlace(t, hypervisor.connection);
const { instancesDir, geometry, mechanism } = rules;
const shellRules = { machine: rules, instancesDir, emptyTaskPath: rules.image.rootPath };
const { template } = await FakeTemplate.create(dir, 'template');
const imagePath = await put('code.erofs', new Uint8Array());
const image = await open(imagePath, 'r+');
await image.truncate(limits.taskDiskBytes);
await image.close();
const fn = functionRecord('hello', { code: { sha256: '0', zipBytes: 1, imagePath } });
const loadRules = { geometry, mechanism, loadTimeoutMs: 20_000 };
let shells = 0;

type Expected = { readonly message: RegExp } | { readonly code: string };

/** A shell of this test, and its machine. */
async function openShell(t: Test): Promise<{ shell: Shell; machine: FakeMachine }> {
  hypervisor.onRequest = () => undefined;
  shells += 1;
  const shell = await startShell(shellRules, template, `s-${shells}`, () => t.fail('it ends'));
  t.teardown(() => endShell(shell, () => {}));
  return { shell, machine: hypervisor.machines.at(-1) as FakeMachine };
}

const order = (changes: Partial<LoadOrder> = {}): LoadOrder => ({
  instanceId: 'i-1',
  fn,
  requestedMib: 128,
  handlers: {},
  signal: new AbortController().signal,
  ...changes,
});

t.test('state, code, time and entropy, memory: in this order', async (t) => {
  const { shell, machine } = await openShell(t);
  const { agent, ...parts } = await loadShell(loadRules, shell, order());
  t.teardown(() => agent.close());
  t.match(parts, { instanceId: 'i-1', fn, start: 'clone', pluggedMib: 128, dir: shell.dir });
  t.equal(parts.domain, shell.domain);
  const commands = machine.domain.commands.map(({ command }) => command);
  t.same(commands.slice(0, 7), [
    'migrate-set-capabilities',
    'getfd',
    'migrate-incoming',
    'query-status',
    'add-fd',
    'blockdev-add',
    'qom-set',
  ]);
  t.match(machine.domain.commands[0]?.args, {
    capabilities: [{ capability: 'x-ignore-shared', state: true }],
  });
  const { requests } = machine.guest;
  t.match(requests, [{ head: { op: 'wake' } }]);
  t.equal(requests[0]?.body.length, 64);
  t.ok(Math.abs(Number(requests[0]?.head.nowMs) - Date.now()) < 60_000);
});

t.test('no two are given the same entropy', async (t) => {
  const given = new Set<string>();
  for (let clone = 0; clone < 3; clone += 1) {
    const { shell, machine } = await openShell(t);
    const { agent } = await loadShell(loadRules, shell, order());
    t.teardown(() => agent.close());
    given.add(Buffer.from(machine.guest.requests[0]?.body ?? []).toString('hex'));
  }
  t.equal(given.size, 3);
});

t.test('whatever fails is thrown, and the channel is given up', async (t) => {
  const ends: string[] = [];
  const handlers = { onEnd: (error: Error) => ends.push(error.message) };
  const failed = async (
    how: string,
    prepare: (machine: FakeMachine) => void,
    expected: Expected,
  ) => {
    const { shell, machine } = await openShell(t);
    prepare(machine);
    await t.rejects(loadShell(loadRules, shell, order({ handlers })), expected, how);
  };
  await failed(
    'QEMU refuses a command',
    ({ domain }) => {
      domain.onLook = () => {
        throw new Error('no such file descriptor');
      };
    },
    { message: /no such file descriptor/ },
  );
  await failed(
    'the guest ends',
    ({ guest }) => {
      hypervisor.onRequest = () => {
        guest.hangUp();
        return undefined;
      };
    },
    { code: 'INSTANCE_LOST' },
  );
  await failed(
    'the guest answers nonsense',
    () => {
      hypervisor.onRequest = () => ({ memory: 'none' });
    },
    { code: 'GUEST_PROTOCOL' },
  );
  await delay(20);
  t.ok(ends.length >= 2, 'each of them was told');
});

t.test('a guest that does not plug in time is of no use', async (t) => {
  const { shell, machine } = await openShell(t);
  machine.domain.onAsk = () => {};
  const rules = { ...loadRules, loadTimeoutMs: 100 };
  // Both bounds are of so long: whichever is noticed first.
  await t.rejects(loadShell(rules, shell, order()), {
    message: /^The (clone was not ready within|guest has 0 of 128 MiB plugged after) 100 ms\.$/,
  });
});

for (const [what, op] of [
  ['entropy', 'wake'],
  ['QEMU', ''],
] as const) {
  t.test(`one that is given up while it waits for ${what} ends at once`, async (t) => {
    const { shell, machine } = await openShell(t);
    const closing = new AbortController();
    const loading = loadShell(loadRules, shell, order({ signal: closing.signal }));
    const caught = loading.catch((error: unknown) => error);
    if (op === '') machine.domain.hangs = true;
    else machine.guest.onRequest = () => {};
    await delay(100);
    const started = performance.now();
    closing.abort(new Error('the service is stopping'));
    t.type(await caught, Error);
    t.ok(performance.now() - started < 10_000, 'long before the agent would have to answer');
  });
}

t.test('the image of another size is refused', async (t) => {
  const { shell } = await openShell(t);
  const short = { sha256: '0', zipBytes: 1, imagePath: await put('short', new Uint8Array(4096)) };
  const wish = order({ fn: functionRecord('hello', { code: short }) });
  await t.rejects(loadShell(loadRules, shell, wish), { message: /4096 bytes/ });
});

t.test('memory that the guest reports is not what is trusted', async (t) => {
  const { shell } = await openShell(t);
  hypervisor.onRequest = () => ({ memory: { ...guestMemory, totalBytes: 1 } });
  const { agent, pluggedMib } = await loadShell(loadRules, shell, order());
  t.teardown(() => agent.close());
  t.equal(pluggedMib, 128);
});
