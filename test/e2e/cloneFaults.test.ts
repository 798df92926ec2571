/**
 * What breaks while templates are built and clones begin: the next invocation is served, the ledger
 * is true, and nothing is left.
 */
import { open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { policyFor } from '../../src/policy.js';
import { qemus, ramHolders } from './hostProcesses.js';
import { type Answer, type Json, openLive } from './live.js';

const pollMs = 50;
const patienceMs = 120_000;

const live = await openLive(t, { BALLAST_START: 'clone' }, { isSharing: false });
const { stateDir } = live;
const madeDir = join(stateDir, 'templates', 'made');
const chargedAtFirstMib = await chargedMib();
const { body: host } = await live.call('GET', '/v1/host');
const { shellMib } = policyFor(host.accelerator.kind, 'virtio-mem');

async function chargedMib(): Promise<number> {
  const { body } = await live.call('GET', '/v1/host');
  return body.memory.chargedMib;
}

async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  const giveUpMs = performance.now() + patienceMs;
  while (!(await condition())) {
    if (performance.now() > giveUpMs) throw new Error(`${what}: not within ${patienceMs} ms`);
    await delay(pollMs);
  }
}

const template = async (): Promise<Json> => {
  const { body } = await live.call('GET', '/v1/templates');
  return (
    body.templates.find(({ of }: Json) => of === 'provided') ?? { state: 'none', readyShells: 0 }
  );
};
const untilReady = () =>
  until('the template is ready', async () => (await template()).state === 'ready');
const untilShell = () => until('a shell is ready', async () => (await template()).readyShells > 0);

function kill(pids: readonly number[]): void {
  for (const pid of pids) process.kill(pid, 'SIGKILL');
}

const invoke = (name = 'echo') => live.invoke(name, { a: 1 }, { cpuMillis: 1000 });
const evict = ({ receipt }: Answer) => live.call('DELETE', `/v1/instances/${receipt.instanceId}`);

/** It serves, and charges what there is: templates, and shells that are ready. */
async function isWell(t: Test, starts: RegExp = /^clone$/): Promise<void> {
  const answer = await invoke();
  t.match(answer, { status: 200, functionError: null, body: { a: 1 } });
  t.match(answer.receipt.start, starts);
  await evict(answer);
  await until('the ledger is true', async () => {
    const shells = (await qemus(stateDir)).length;
    const { body } = await live.call('GET', '/v1/host');
    const { chargedMib: charged, reservedMib } = body.memory;
    return reservedMib === 0 && charged === chargedAtFirstMib + shells * shellMib;
  });
  t.same(await qemus(stateDir, 'i'), [], 'no machine is left of what was booted');
  t.same(await qemus(stateDir, 't'), [], 'nor of what was built');
  const dirs = await readdir(join(stateDir, 'instances'));
  t.equal(dirs.length, (await qemus(stateDir)).length, 'nor a directory');
}

t.test('QEMU is killed while a template is built', async (t) => {
  const building = live.call('PUT', '/v1/templates/provided');
  await until('a guest boots', async () => (await qemus(stateDir, 't')).length === 1);
  await until('it is told', async () => (await template()).stage === 'booting a guest');
  kill(await qemus(stateDir, 't'));
  const { status, body } = await building;
  t.equal(status, 500);
  t.match(body.error, { code: 'TEMPLATE_FAILED', message: /provided/ });
  t.match(await template(), { state: 'failed', key: null });
  t.same(await readdir(madeDir), [], 'nothing is left half-made');
  t.same(await qemus(stateDir), []);
});

t.test('the service is killed while a template is built', async (t) => {
  const building = live.call('PUT', '/v1/templates/provided').catch(() => 'cut off');
  await until('a guest boots', async () => (await qemus(stateDir, 't')).length === 1);
  await delay(1000);
  await live.stop('SIGKILL');
  t.equal(await building, 'cut off');
  const names = await readdir(madeDir);
  t.ok(names.length === 1 && names[0]?.endsWith('.new'), 'it was half-made');
  await live.start();
  t.same(await qemus(stateDir), [], 'its machine has ended');
  t.same(await readdir(madeDir), [], 'its files have gone');
  await live.deploy('echo', 'bootstrap', { Runtime: 'provided', Handler: 'any' });
  await live.deploy('slow', 'bootstrap', {
    Runtime: 'provided',
    Handler: 'any',
    Environment: { Variables: { SLEEP_S: '3' } },
  });
  t.equal((await live.call('PUT', '/v1/templates/provided')).status, 200);
  await isWell(t);
});

t.test('the QEMU of a shell that is ready is killed', async (t) => {
  await untilShell();
  kill(await qemus(stateDir, 's'));
  await isWell(t, /^(clone|boot)$/);
  await untilReady();
});

t.test('QEMU is killed while a clone loads, or its function initialises', async (t) => {
  for (const waitMs of [0, 150, 2000]) {
    await untilReady();
    await untilShell();
    const before = new Set(await qemus(stateDir));
    const running = invoke('slow');
    await delay(waitMs);
    kill([...before]);
    const answer = await running;
    t.comment(`after ${waitMs} ms: ${answer.status}, ${answer.receipt?.start}`);
    if (answer.status !== 200) {
      t.match(answer.body, { Message: /./ }, 'whoever waits is told why');
    } else {
      t.match(answer, { functionError: null, body: { a: 1 } });
      await evict(answer);
    }
    await isWell(t, /^(clone|boot)$/);
  }
});

t.test('what keeps the memory of the template is killed', async (t) => {
  await untilReady();
  await untilShell();
  const before = await ramHolders(stateDir);
  t.equal(before.length, 1);
  kill(before);
  for (const turn of ['the shell that is ready', 'one of a new copy']) {
    t.comment(turn);
    await isWell(t);
  }
  const after = await ramHolders(stateDir);
  t.equal(after.length, 1, 'there is one again');
  t.not(after[0], before[0]);
});

t.test('a template’s file is damaged while the service is down', async (t) => {
  await untilReady();
  const [key = ''] = await readdir(madeDir);
  await live.stop('SIGKILL');
  await until('its memory is let go of', async () => (await ramHolders(stateDir)).length === 0);
  const manifestOf = async () =>
    JSON.parse(await readFile(join(madeDir, key, 'template.json'), 'utf8'));
  const before = await manifestOf();
  await flip(join(madeDir, key, 'boot.ram'));
  await live.start();
  t.same(await qemus(stateDir, 's'), [], 'the shells of before have ended');
  await untilReady();
  t.match(live.process.log(), /template is damaged, so it is built anew/);
  const after = await manifestOf();
  t.equal(after.key, before.key);
  t.not(after.files['boot.ram'].sha256, before.files['boot.ram'].sha256, 'it was built anew');
  await isWell(t);
});

t.test('one that is whole is used again, and in the end nothing is left', async (t) => {
  t.equal(await live.stop('SIGTERM'), 0);
  t.same([await qemus(stateDir), await ramHolders(stateDir)], [[], []]);
  t.same(await readdir(join(stateDir, 'instances')), []);
  await live.start();
  await untilReady();
  t.notMatch(live.process.log(), /booting a guest|damaged/);
  await isWell(t);
  const running = invoke('slow');
  await delay(300);
  t.equal(await live.stop('SIGTERM'), 0);
  t.ok((await running).status >= 200);
  t.same([await qemus(stateDir), await ramHolders(stateDir)], [[], []]);
});

/** Changes one bit in the middle of a file. */
async function flip(path: string): Promise<void> {
  const file = await open(path, 'r+');
  const at = Math.floor((await file.stat()).size / 2);
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, at);
  byte.writeUInt8(byte.readUInt8() ^ 1);
  await file.write(byte, 0, 1, at);
  await file.close();
}
