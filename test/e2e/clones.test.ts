/** Instances that begin as clones of a template: as good as booted ones, and nobody's twins. */
import t from 'tap';
import { openLive } from './live.js';

const live = await openLive(t, { BALLAST_START: 'clone' });
const languages = ['nodejs', 'python', 'provided'] as const;
const clones = 6;
const slackMs = 5_000;

await live.deploy('node', 'chance.mjs', {
  Runtime: await live.runtime('nodejs'),
  Handler: 'chance.handler',
  Environment: { Variables: { FLAG: 'set', TZ: 'Asia/Tokyo' } },
});
await live.deploy('python', 'chance.py', {
  Runtime: await live.runtime('python'),
  Handler: 'chance.handler',
  Environment: { Variables: { FLAG: 'set', TZ: 'Asia/Tokyo' } },
});

for (const language of languages) {
  t.test(`a template of ${language} is made`, async (t) => {
    const runtime = await live.runtime(language);
    const { status, body } = await live.call('PUT', `/v1/templates/${runtime}`);
    t.equal(status, 200);
    t.match(body, { of: runtime, state: 'ready', error: null });
  });
}

t.test('the host says how instances begin', async (t) => {
  const { body } = await live.call('GET', '/v1/host');
  t.match(body.start, { name: 'clone', reason: /BALLAST_START/ });
});

for (const name of ['node', 'python']) {
  t.test(`no two clones draw the same numbers: ${name}`, async (t) => {
    const seen = new Set<unknown>();
    for (let clone = 0; clone < clones; clone += 1) {
      const { receipt, body, functionError } = await live.invoke(name, {}, { requestedMib: 1024 });
      t.equal(functionError, null);
      t.equal(receipt.start, 'clone');
      const { zone, flag, directory, now, options, ...numbers } = body as Record<string, unknown>;
      t.equal(flag, 'set', 'it has the environment of its function');
      t.equal(directory, '/var/task');
      t.equal(Number(zone) % 540, 0, 'and its time zone');
      t.not(Number(zone), 0);
      t.ok(Math.abs(Number(now) - Date.now()) < slackMs, 'it knows what time it is');
      for (const [source, number] of Object.entries(numbers)) {
        t.notOk(seen.has(number), `${source} of clone ${clone} is new`);
        seen.add(number);
      }
      await live.call('DELETE', `/v1/instances/${receipt.instanceId}`);
    }
  });
}

t.test('a clone is resized as any instance is', async (t) => {
  for (const requestedMib of [256, 1024, 128, 512]) {
    const { receipt, functionError } = await live.invoke('node', {}, { requestedMib });
    t.equal(functionError, null);
    t.match(receipt, { requestedMib, limitMib: requestedMib, pluggedMib: requestedMib });
  }
});

t.test('what only a new process heeds, a new process gets', async (t) => {
  await live.deploy('options', 'chance.mjs', {
    Runtime: await live.runtime('nodejs'),
    Handler: 'chance.handler',
    Environment: { Variables: { NODE_OPTIONS: '--no-warnings' } },
  });
  const { body, receipt } = await live.invoke('options', {}, { requestedMib: 1024 });
  t.equal(receipt.start, 'clone');
  t.match(body, { options: /--no-warnings/ });
});

t.test('a runtime that is none is named', async (t) => {
  const { status, body } = await live.call('PUT', '/v1/templates/cobol85');
  t.equal(status, 400);
  t.match(body, { error: { code: 'INVALID_RUNTIME', message: /cobol85/ } });
});
