import { accessSync } from 'node:fs';
import t from 'tap';
import type { GuestLimits } from '../../src/agent/messages.js';
import { RawGuest } from './rawGuest.js';

const mibBytes = 1024 * 1024;
const maxPayloadBytes = 6 * mibBytes;
const elasticMib = 512;
const storageMib = 512;
const timeoutMs = 120_000;

const node = `
const { spawnSync } = require('node:child_process');
const { readFileSync } = require('node:fs');
const deeds = {
  echo: (event) => event,
  look: () => ({ uid: process.getuid(), cwd: process.cwd(), environment: process.env }),
  quotas: () => ['function', 'quota'].map((name) =>
    readFileSync(\`/sys/fs/cgroup/\${name}/cpu.max\`, 'utf8').trim()),
  attack: () => spawnSync('/bin/sh', ['-c', \`
    kill -9 1 && echo killed
    echo max > /sys/fs/cgroup/function/memory.max && echo limited
    echo $$ > /sys/fs/cgroup/cgroup.procs && echo escaped
    cat /proc/1/environ && echo seen
    head -c 1 /dev/vda && echo read
    unshare --user true && echo namespaced
    true\`], { encoding: 'utf8' }).stdout,
  throw: () => { throw new TypeError('bad'); },
  exit: () => process.exit(3),
  hang: () => new Promise(() => setInterval(() => {}, 1000)),
  spin: () => { for (;;); },
  grow: () => { for (const held = [];;) held.push(Buffer.alloc(8 << 20, 1)); },
  take: ({ mib }) => { Array.from({ length: mib / 8 }, () => Buffer.alloc(8 << 20, 1)); },
  hold: ({ mib }) => { globalThis.held = Buffer.alloc(mib << 20, 1); },
  print: ({ mib }) => {
    const line = 'x'.repeat(1023) + '\\n';
    for (let i = 0; i < mib * 1024; i++) process.stdout.write(line);
  },
  answer: ({ bytes }) => 'y'.repeat(bytes - 2),
  fork: () => { spawnSync('/bin/sh', ['-c', 'f() { f | f & }; f; sleep 60']); },
};
exports.handler = async (event) => deeds[event.deed](event);
`;
const python = 'def handler(event, context): return {"python": event}\n';
const bootstrap = `#!/bin/sh
api=http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation
while :; do
  curl -sS -D /tmp/head -o /tmp/event "$api/next"
  id=$(tr -d '\\r' < /tmp/head | sed -n 's/^Lambda-Runtime-Aws-Request-Id: //p')
  curl -sS --data-binary @/tmp/event "$api/$id/response" > /dev/null
done
`;

function imageIsBuilt(): boolean {
  try {
    accessSync('build/image/image.json');
    return true;
  } catch {
    return false;
  }
}

const limits = (memoryMib: number): GuestLimits => ({
  memoryBytes: memoryMib * mibBytes,
  cpuQuotaUs: null,
  cpuPeriodUs: 100_000,
  processes: 256,
});

const skip = imageIsBuilt() ? false : 'the guest image is not built: run `make image`';

t.setTimeout(600_000);

t.test('a real guest', { skip, timeout: 600_000 }, async (t) => {
  const guest = await RawGuest.boot({ 'index.js': node, 'main.py': python, bootstrap });
  t.teardown(() => guest.end());
  let requests = 0;

  const start = async (runtime: string, handler: string) => {
    const storageBytes = storageMib * mibBytes;
    const bounds = { limits: limits(elasticMib), storageBytes, timeoutMs };
    const request = { runtime, handler, environment: { A: 'b' }, ...bounds };
    return (await guest.client.start({ ...request, nowMs: Date.now() })).head;
  };
  const invoke = async (event: object) => {
    requests += 1;
    const now = { nowMs: Date.now(), deadlineMs: Date.now() + timeoutMs };
    const request = { requestId: `request-${requests}`, functionArn: 'arn:f', ...now };
    const { head, body } = await guest.client.invoke(
      request,
      Buffer.from(JSON.stringify(event)),
      timeoutMs,
    );
    return { head, body, value: () => JSON.parse(Buffer.from(body).toString()) };
  };
  const restart = async () => {
    t.equal((await start(nodeName, 'index.handler')).outcome, 'ready');
  };

  const named = (prefix: string) =>
    guest.hello.runtimes.find((name) => name.startsWith(prefix)) ?? `no ${prefix}`;
  const nodeName = named('nodejs');
  await guest.resize(elasticMib);

  await t.test('is refused what makes no sense', async (t) => {
    await t.rejects(invoke({}), { code: 'not-started' });
    await t.rejects(start('cobol', 'a.b'), { code: 'unknown-runtime' });
  });

  await t.test('says why an initialisation failed, and starts again', async (t) => {
    t.match(await start(nodeName, 'absent.handler'), {
      outcome: 'error',
      errorType: 'Runtime.ImportModuleError',
    });
    await restart();
    await t.rejects(start(nodeName, 'index.handler'), { code: 'already-started' });
  });

  await t.test('runs the function unprivileged', async (t) => {
    const { uid, cwd, environment } = (await invoke({ deed: 'look' })).value();
    t.equal(uid, 1000);
    t.equal(cwd, '/var/task');
    t.match(environment, { A: 'b', _HANDLER: 'index.handler', TZ: ':UTC' });
    t.equal((await invoke({ deed: 'attack' })).value(), '');
  });

  await t.test('has a quota of processor time in use though the function has none', async (t) => {
    t.same((await invoke({ deed: 'quotas' })).value(), ['max 100000', '100000 100000']);
  });

  await t.test('reports errors and goes on', async (t) => {
    const { head, value } = await invoke({ deed: 'throw' });
    t.match(head, { outcome: 'error', errorType: 'TypeError' });
    t.match(value(), { errorType: 'TypeError', errorMessage: 'bad' });
    t.match(Buffer.from(head.logTail, 'base64').toString(), /TypeError: bad/);
    t.equal((await invoke({ deed: 'echo' })).head.outcome, 'response');
  });

  await t.test('drains endless output and keeps its end', async (t) => {
    const { head } = await invoke({ deed: 'print', mib: 100 });
    t.equal(head.outcome, 'response');
    t.equal(head.logBytes, 100 * mibBytes);
    t.equal(Buffer.from(head.logTail, 'base64').length, 4096);
  });

  await t.test('bounds the payload both ways', async (t) => {
    const text = 'z'.repeat(maxPayloadBytes - 100);
    t.equal((await invoke({ deed: 'echo', text })).value().text, text);
    t.equal(
      (await invoke({ deed: 'answer', bytes: maxPayloadBytes })).body.length,
      maxPayloadBytes,
    );
    const { head } = await invoke({ deed: 'answer', bytes: maxPayloadBytes + 1 });
    t.match(head, { outcome: 'too-large', responseBytes: maxPayloadBytes + 1 });
  });

  await t.test('gives memory back and takes it again', async (t) => {
    const { head } = await invoke({ deed: 'take', mib: 320 });
    t.ok(head.memory.peakBytes > 320 * mibBytes, 'the peak shows what was used');
    const claimed = await guest.client.claim(limits(128));
    t.equal(claimed.limitBytes, 128 * mibBytes);
    await guest.resize(128);
    const small = await invoke({ deed: 'echo' });
    t.equal(small.head.outcome, 'response');
    t.ok(small.head.memory.peakBytes <= 128 * mibBytes, 'the peak began anew');
    await guest.resize(elasticMib);
    t.equal((await guest.client.release(limits(elasticMib))).limitBytes, elasticMib * mibBytes);
  });

  await t.test('keeps what is in use when memory is claimed', async (t) => {
    await invoke({ deed: 'hold', mib: 256 });
    const refused = await guest.client.claim(limits(128)).catch((error: unknown) => error);
    t.match(refused, { code: 'memory-held' });
    const memory = await guest.client.memory();
    t.equal(memory.limitBytes, elasticMib * mibBytes, 'the limit stands');
    t.equal((await invoke({ deed: 'echo' })).head.outcome, 'response');
  });

  await t.test('tells exits, kills and the lack of memory apart', async (t) => {
    t.match((await invoke({ deed: 'exit' })).head, { outcome: 'exit', exitCode: 3, signal: null });
    await restart();
    t.match((await invoke({ deed: 'grow' })).head, { outcome: 'out-of-memory' });
    await restart();
  });

  for (const deed of ['hang', 'spin', 'fork']) {
    await t.test(`stops a function that would ${deed} without end`, async (t) => {
      const running = invoke({ deed });
      await t.rejects(invoke({ deed: 'echo' }), { code: 'busy' });
      await guest.client.stop();
      t.equal((await running).head.outcome, 'stopped');
      await restart();
    });
  }

  await t.test('survives a host that goes and comes back', async (t) => {
    await guest.reconnect();
    t.equal((await invoke({ deed: 'echo' })).head.outcome, 'response');
    await guest.client.stop();
  });

  await t.test('runs Python', async (t) => {
    t.equal((await start(named('python'), 'main.handler')).outcome, 'ready');
    t.same((await invoke({ a: 1 })).value(), { python: { a: 1 } });
    await guest.client.stop();
  });

  await t.test('runs an executable', async (t) => {
    t.equal((await start('provided', 'any')).outcome, 'ready');
    t.same((await invoke({ a: 1 })).value(), { a: 1 });
    await guest.client.stop();
  });

  t.same(guest.exits, [], 'nothing ended unasked');
});
