/** How a shell is prepared and becomes an instance then, with a QEMU and a guest that are none. */
import { open } from 'node:fs/promises';
import { pino } from 'pino';
import t, { type Test } from 'tap';
import { limits } from '../../../../src/model/limits.js';
import { loadShell } from '../../../../src/pool/shell/load.js';
import { type PrepareOrder, prepareShell } from '../../../../src/pool/shell/prepare.js';
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
const warnings: string[] = [];
const logger = pino({ level: 'warn' }, { write: (line: string) => void warnings.push(line) });
const prepareRules = { ...loadRules, rehearsalTimeoutMs: 20_000, logger };
let shells = 0;

async function openShell(t: Test): Promise<{ shell: Shell; machine: FakeMachine }> {
  shells += 1;
  const shell = await startShell(shellRules, template, `p-${shells}`, () => t.fail('it ends'));
  t.teardown(() => endShell(shell, () => {}));
  return { shell, machine: hypervisor.machines.at(-1) as FakeMachine };
}

const order = (changes: Partial<PrepareOrder> = {}): PrepareOrder => ({
  signal: new AbortController().signal,
  onLost: () => {},
  ...changes,
});
const opsOf = ({ guest }: FakeMachine) => guest.requests.map(({ head }) => head.op);

t.test('it loads its template, rehearses, has the least memory and stands still', async (t) => {
  const { shell, machine } = await openShell(t);
  const prepared = await prepareShell(prepareRules, shell, order());
  t.teardown(() => prepared.agent?.close());
  t.match(prepared, { shellId: shell.shellId, dir: shell.dir });
  t.same(opsOf(machine), ['wake', 'rehearse']);
  t.match(machine.guest.requests[1]?.head, { runtime: 'nodejs20.x', timeoutMs: 20_000 });
  t.equal(machine.isPaused, true);
  t.equal(machine.domain.pluggedMib, 128);
  t.equal(prepared.pluggedMib, 128);

  machine.domain.commands.length = 0;
  const ends: Error[] = [];
  const parts = await loadShell(loadRules, prepared, {
    instanceId: 'i-1',
    fn,
    requestedMib: 128,
    handlers: { onEnd: (error) => ends.push(error) },
    signal: new AbortController().signal,
  });
  t.match(parts, { instanceId: 'i-1', start: 'clone', pluggedMib: 128 });
  t.equal(machine.isPaused, false);
  const commands = machine.domain.commands.map(({ command }) => command);
  t.same(commands, ['add-fd', 'blockdev-add', 'qom-set'], 'nothing is loaded or plugged again');
  const woken = machine.guest.requests.filter(({ head }) => head.op === 'wake');
  t.equal(woken.length, 2);
  t.notSame(woken[0]?.body, woken[1]?.body, 'its numbers are new once more');
  machine.guest.hangUp();
  await parts.agent.memory().catch(() => {});
  t.equal(ends.length, 1, 'whoever has it now is told of its end');
});

t.test('a rehearsal that fails is gone without', async (t) => {
  const { shell, machine } = await openShell(t);
  machine.guest.onRequest = (request) => {
    const isRehearsal = request.head.op === 'rehearse';
    if (isRehearsal) machine.guest.fail(request, { code: 'guest-error', message: 'no memory' });
    else machine.guest.reply(request, { memory: guestMemory });
  };
  const prepared = await prepareShell(prepareRules, shell, order());
  t.teardown(() => prepared.agent?.close());
  t.ok(prepared.agent);
  t.match(warnings.join(''), /no memory/);
});

t.test('a guest that ends is lost, at any time', async (t) => {
  let lost = 0;
  const onLost = () => {
    lost += 1;
  };
  const { shell, machine } = await openShell(t);
  machine.guest.onRequest = () => machine.guest.hangUp();
  await t.rejects(prepareShell(prepareRules, shell, order({ onLost })), { code: 'INSTANCE_LOST' });
  t.equal(lost, 1);

  const later = await openShell(t);
  const { agent } = await prepareShell(prepareRules, later.shell, order({ onLost }));
  later.machine.guest.hangUp();
  await agent?.memory().catch(() => {});
  t.equal(lost, 2);
});

t.test('one that is given up ends at once', async (t) => {
  const { shell, machine } = await openShell(t);
  const closing = new AbortController();
  machine.guest.onRequest = () => closing.abort(new Error('no more shells'));
  const { signal } = closing;
  await t.rejects(prepareShell(prepareRules, shell, order({ signal })), {
    message: 'no more shells',
  });
});
