/**
 * A real guest that is made a template and woken: its runtime waits for a function, is handed one,
 * waits for its machine's restore. One guest serves all: each test leaves it without a runtime.
 */
import t, { type Test } from 'tap';
import type { GuestLimits, StartReply } from '../../src/agent/messages.js';
import { imageIsBuilt } from '../support/linuxGuest.js';
import { RawGuest } from './rawGuest.js';

const mibBytes = 1024 * 1024;
const timeoutMs = 120_000;
const storageBytes = 512 * mibBytes;

const node = `
import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
if (process.env.HOOKS) {
  const hooks = await import('snapshot-restore');
  const tell = (name) => appendFileSync('/tmp/told', name + ' ' + process.env.STAGE + '\\n');
  hooks.registerBeforeSnapshot(tell, 'before-1');
  hooks.registerBeforeSnapshot(tell, 'before-2');
  hooks.registerAfterRestore(tell, 'after-1');
  hooks.registerAfterRestore(async () => {
    if (process.env.HOOKS === 'fail') throw new RangeError('no way back');
    tell('after-2');
  });
}
export const handler = async () => ({
  environment: process.env,
  pid: process.pid,
  directory: process.cwd(),
  zone: new Date(0).getTimezoneOffset(),
  options: process.execArgv,
  told: existsSync('/tmp/told') ? readFileSync('/tmp/told', 'utf8').trim().split('\\n') : [],
  uid: process.getuid(),
  now: Date.now(),
  shell: execFileSync('/bin/sh', ['-c', 'id -u'], { encoding: 'utf8' }).trim(),
});
`;
const python = `
import os, time
if os.environ.get("SLOW"): time.sleep(600)
if os.environ.get("HOOKS"):
    import snapshot_restore_py as hooks
    def tell(name):
        with open("/tmp/told-python", "a") as file:
            file.write(name + " " + os.environ["STAGE"] + "\\n")
    hooks.register_before_snapshot(tell, "before-1")
    hooks.register_before_snapshot(tell, "before-2")
    hooks.register_after_restore(tell, "after-1")
    def last():
        if os.environ["HOOKS"] == "hang": time.sleep(600)
        if os.environ["HOOKS"] == "fail": raise KeyError("no way back")
        tell("after-2")
    hooks.register_after_restore(last)
def told():
    try:
        with open("/tmp/told-python") as file: return file.read().split("\\n")[:-1]
    except FileNotFoundError:
        return []
def handler(event, context):
    return {"environment": dict(os.environ), "pid": os.getpid(), "directory": os.getcwd(),
            "zone": time.timezone / 60, "told": told(), "uid": os.getuid(),
            "now": time.time() * 1000}
`;
const bootstrap = `#!/bin/sh
api=http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation
while :; do
  curl -sS -D /tmp/head -o /tmp/event "$api/next"
  id=$(tr -d '\\r' < /tmp/head | sed -n 's/^Lambda-Runtime-Aws-Request-Id: //p')
  curl -sS --data-binary @/tmp/event "$api/$id/response" > /dev/null
done
`;

const limits: GuestLimits = {
  memoryBytes: 256 * mibBytes,
  cpuQuotaUs: null,
  cpuPeriodUs: 100_000,
  processes: 256,
};

const skip = imageIsBuilt() ? false : 'the guest image is not built: run `make image`';
t.setTimeout(600_000);

t.test('a guest that is cloned', { skip, timeout: 600_000 }, async (t) => {
  const guest = await RawGuest.boot({ 'main.mjs': node, 'main.py': python, bootstrap });
  t.teardown(() => guest.end());
  await guest.resize(256);
  const named = (prefix: string) =>
    guest.hello.runtimes.find((name) => name.startsWith(prefix)) ?? `no ${prefix}`;
  const runtimes = [named('nodejs'), named('python')];
  let requests = 0;

  const preload = async (runtime: string, boundMs = timeoutMs) =>
    (await guest.client.preload({ runtime, storageBytes, timeoutMs: boundMs, nowMs: Date.now() }))
      .head;
  const start = async (
    runtime: string,
    environment: Readonly<Record<string, string>> = {},
    boundMs = timeoutMs,
    handler = 'main.handler',
    memoryMib = limits.memoryBytes / mibBytes,
  ): Promise<StartReply> => {
    const held = { limits: { ...limits, memoryBytes: memoryMib * mibBytes }, storageBytes };
    const bounds = { ...held, timeoutMs: boundMs, nowMs: Date.now() };
    return (await guest.client.start({ runtime, handler, environment, ...bounds })).head;
  };
  const restore = async (environment: Readonly<Record<string, string>>, boundMs = timeoutMs) =>
    (await guest.client.restore({ environment, limits, timeoutMs: boundMs, nowMs: Date.now() }))
      .head;
  const invoke = async (event: object = {}) => {
    requests += 1;
    const nowMs = Date.now();
    const request = { requestId: `r-${requests}`, functionArn: 'arn:f', nowMs };
    const payload = Buffer.from(JSON.stringify(event));
    const deadlineMs = nowMs + timeoutMs;
    const { head, body } = await guest.client.invoke(
      { ...request, deadlineMs },
      payload,
      timeoutMs,
    );
    return { head, value: JSON.parse(Buffer.from(body).toString() || 'null') };
  };
  /** A test whose guest has no runtime before and after it. */
  const guestTest = (name: string, body: (t: Test) => Promise<void>) =>
    t.test(name, async (t) => {
      try {
        await body(t);
      } finally {
        await guest.client.stop();
      }
      t.same(guest.exits.splice(0), [], 'nothing ended unasked');
    });

  await guestTest('is refused what makes no sense', async (t) => {
    await t.rejects(preload('cobol85'), { code: 'unknown-runtime', message: /cobol85/ });
    await t.rejects(invoke(), { code: 'not-started' });
    await t.rejects(restore({}), { code: 'not-started' });
    await t.rejects(guest.client.wake(Buffer.alloc(31)), { code: 'bad-request' });
    await t.rejects(guest.client.wake(Buffer.alloc(513)), { code: 'bad-request' });
  });

  await guestTest('takes entropy and the time', async (t) => {
    for (const bytes of [32, 64, 512]) await guest.client.wake(Buffer.alloc(bytes, 1));
    t.equal((await start(named('python'))).outcome, 'ready');
    const { value } = await invoke();
    t.ok(Math.abs(value.now - Date.now()) < 5_000);
  });

  for (const runtime of runtimes) {
    await guestTest(`hands a function over to ${runtime} that waits`, async (t) => {
      t.match(await preload(runtime), { outcome: 'ready', exitCode: undefined });
      await t.rejects(invoke(), { code: 'not-started' });
      await t.rejects(preload(runtime), { code: 'already-started' });
      await t.rejects(restore({}), { code: 'not-started' });
      await guest.client.wake(Buffer.alloc(64, 2));
      const environment = { FLAG: 'of the function', TZ: 'Asia/Tokyo' };
      t.equal((await start(runtime, environment)).outcome, 'ready');
      const { value } = await invoke();
      t.match(value, { uid: 1000, directory: '/var/task' });
      t.equal(Math.abs(value.zone), 540, 'in its time zone');
      const own = Object.keys(value.environment).sort();
      t.match(value.environment, { ...environment, _HANDLER: 'main.handler' });
      const { pid } = value;
      t.equal((await invoke()).value.pid, pid);
      await guest.client.stop();
      t.equal((await start(runtime, environment)).outcome, 'ready');
      const fresh = (await invoke()).value;
      t.not(fresh.pid, pid);
      t.same(own, Object.keys(fresh.environment).sort(), 'as a process of its own would have it');
      t.same(value.environment, fresh.environment);
    });
  }

  for (const [runtime, variable] of [
    [named('nodejs'), 'NODE_OPTIONS'],
    [named('python'), 'PYTHONDONTWRITEBYTECODE'],
    [named('nodejs'), 'LANG'],
    [named('python'), 'LD_LIBRARY_PATH'],
  ] as const) {
    await guestTest(`gives a function with ${variable} a process of its own`, async (t) => {
      await preload(runtime);
      const setting = { [variable]: variable === 'NODE_OPTIONS' ? '--no-warnings' : '1' };
      t.equal((await start(runtime, setting)).outcome, 'ready');
      t.match((await invoke()).value.environment, setting);
    });
  }

  await guestTest('gives a function of another runtime a process of that', async (t) => {
    await preload(named('python'));
    t.equal((await start(named('nodejs'))).outcome, 'ready');
    t.match((await invoke()).value, { options: [] });
  });

  await guestTest('without a runtime that can wait, is ready all the same', async (t) => {
    t.equal((await preload('provided')).outcome, 'ready');
    t.equal((await start('provided')).outcome, 'ready');
    t.same((await invoke({ a: 1 })).value, { a: 1 });
  });

  await guestTest('bounds a function that was handed over as any', async (t) => {
    await preload(named('python'));
    t.match(await start(named('python'), { SLOW: '1' }, 2_000), { outcome: 'timeout' });
    t.equal((await start(named('python'))).outcome, 'ready', 'and starts again');
    t.equal((await invoke()).head.outcome, 'response');
  });

  await guestTest('says why one that was handed over cannot start', async (t) => {
    for (const runtime of runtimes) {
      await preload(runtime);
      t.match(await start(runtime, {}, timeoutMs, 'absent.handler'), {
        outcome: 'error',
        errorType: 'Runtime.ImportModuleError',
      });
    }
  });

  await guestTest('bounds a preload', async (t) => {
    t.match(await preload(named('python'), 1), { outcome: 'timeout' });
    t.equal((await preload(named('python'))).outcome, 'ready');
  });

  await guestTest('stops one that waits', async (t) => {
    await preload(named('python'));
    await guest.client.stop();
    await guest.client.stop();
    t.equal((await preload(named('python'))).outcome, 'ready');
    t.equal((await guest.client.claim({ ...limits, memoryBytes: 200 * mibBytes })).oomKills, 0);
    t.equal((await start(named('python'))).outcome, 'ready');
    t.equal((await invoke()).head.outcome, 'response');
  });

  await guestTest('stops one on its way', async (t) => {
    const loading = preload(named('python'));
    await guest.client.stop();
    t.equal((await loading).outcome, 'stopped');
    await preload(named('python'));
    const starting = start(named('python'), { SLOW: '1' });
    await guest.client.stop();
    t.equal((await starting).outcome, 'stopped');
  });

  for (const [runtime, told] of [
    [named('nodejs'), 'main.mjs'],
    [named('python'), 'main.py'],
  ] as const) {
    const common = { AWS_LAMBDA_INITIALIZATION_TYPE: 'snap-start', HOOKS: 'run' };
    await guestTest(`restores a function of ${runtime} with its hooks`, async (t) => {
      await preload(runtime);
      t.equal((await start(runtime, { ...common, STAGE: 'a' })).outcome, 'ready', told);
      await t.rejects(invoke(), { code: 'not-started', message: /restore it first/ });
      await t.rejects(start(runtime), { code: 'already-started' });
      await guest.client.wake(Buffer.alloc(64, 3));
      t.equal((await restore({ ...common, STAGE: 'b', MORE: 'm' })).outcome, 'ready');
      const { value } = await invoke();
      t.same(value.told, ['before-2 a', 'before-1 a', 'after-1 b', 'after-2 b']);
      t.match(value.environment, { STAGE: 'b', MORE: 'm', _HANDLER: 'main.handler' });
      t.equal((await restore(common)).outcome, 'ready', 'one that is ready stays so');
      t.equal((await invoke()).value.pid, value.pid);
    });
    await guestTest(`tells that a hook of ${runtime} failed after the restore`, async (t) => {
      const environment = { ...common, HOOKS: 'fail', STAGE: 'c' };
      t.equal((await start(runtime, environment)).outcome, 'ready');
      const failed = await restore(environment);
      t.match(failed, { outcome: 'error', errorType: /RangeError|KeyError/ });
      t.match(Buffer.from(failed.logTail, 'base64').toString(), /no way back/);
      await t.rejects(invoke(), { code: 'not-started' });
    });
  }

  await guestTest('bounds hooks after the restore', async (t) => {
    const environment = { AWS_LAMBDA_INITIALIZATION_TYPE: 'snap-start', HOOKS: 'hang', STAGE: 'd' };
    t.equal((await start(named('python'), environment)).outcome, 'ready');
    t.match(await restore(environment, 2_000), { outcome: 'timeout' });
  });

  await guestTest('keeps a runtime that waits from being squeezed', async (t) => {
    await preload(named('python'));
    const tiny = { ...limits, memoryBytes: 4 * mibBytes };
    await t.rejects(guest.client.claim(tiny), { code: 'memory-held' });
    t.equal((await start(named('python'))).outcome, 'ready');
    t.equal((await invoke()).head.outcome, 'response');
  });

  await guestTest('tells that a runtime that waited was killed', async (t) => {
    for (const runtime of runtimes) {
      await preload(runtime);
      t.match(await start(runtime, {}, timeoutMs, 'main.handler', 4), {
        outcome: 'out-of-memory',
      });
      await t.rejects(invoke(), { code: 'not-started' });
      t.equal((await start(runtime)).outcome, 'ready', 'and has another one');
      t.equal((await invoke()).head.outcome, 'response');
      await guest.client.stop();
    }
  });
});
