import { mock } from 'node:test';
import t from 'tap';
import type { GuestLimits } from '../../../src/agent/messages.js';
import { limitsFor } from '../../../src/memory/cpu.js';
import { BallastError } from '../../../src/model/errors.js';
import type { GuestRequest } from '../../support/fakeGuest.js';
import { guestMemory } from '../../support/fakeGuest.js';
import { Gate } from '../../support/gate.js';
import {
  bootedMib,
  bytesPerMib,
  fn,
  initTimeoutMs,
  invokeReply,
  maxMib,
  openBench,
  openRunning,
  openStarted,
  request,
  startReply,
  timeoutMs,
} from './instanceBench.js';

t.test('an instance is used, is idle and is used again, by one at a time', async (t) => {
  const { instance } = await openBench(t);
  t.equal(instance.state, 'starting');
  t.throws(() => instance.occupy(), { code: 'INSTANCE_BUSY', message: /i-1 is not idle/ });
  instance.begin();
  t.equal(instance.state, 'busy');
  t.throws(() => instance.occupy(), { code: 'INSTANCE_BUSY' });
  const bornMs = instance.idleSinceMs;
  instance.vacate('hot');
  t.equal(instance.state, 'hot');
  const { idleSinceMs } = instance;
  t.ok(idleSinceMs > bornMs, 'idle since its use ended');
  instance.begin();
  t.equal(instance.state, 'hot', 'what begins once is no beginning any more');
  instance.occupy();
  t.equal(instance.state, 'busy');
  instance.vacate('deflated');
  t.equal(instance.state, 'deflated');
  t.equal(instance.idleSinceMs, idleSinceMs, 'to be deflated is no use');
  instance.occupy();
  t.equal(instance.state, 'busy');
});

t.test('one that is being evicted stays so, whoever used it', async (t) => {
  const { instance } = await openBench(t);
  instance.markEvicting();
  const { idleSinceMs } = instance;
  instance.begin();
  instance.vacate('hot');
  t.equal(instance.state, 'evicting');
  t.equal(instance.idleSinceMs, idleSinceMs);
  t.throws(() => instance.occupy(), { code: 'INSTANCE_BUSY' });
});

t.test('one without a QEMU has no resident memory', async (t) => {
  const { instance } = await openBench(t);
  t.equal(await instance.resident(), null);
});

t.test('the runtime is started once, with the limits of the size', async (t) => {
  const { instance, guest } = await openBench(t);
  t.same(instance.size, { pluggedMib: bootedMib, limitMib: 0 });
  const { failure, initMs } = await instance.startRuntime(bootedMib);
  t.equal(failure, null);
  t.ok(initMs > 0);
  t.same(instance.size, { pluggedMib: bootedMib, limitMib: bootedMib });
  const again = await instance.startRuntime(bootedMib);
  t.same(again, { failure: null, initMs: 0, isRestored: false });
  t.equal(guest.requests.length, 1);
  t.match(guest.requests[0]?.head, {
    op: 'start',
    runtime: fn.runtime,
    handler: fn.handler,
    environment: { STAGE: 'test', AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128' },
    limits: limitsFor(bootedMib, 72),
    timeoutMs: initTimeoutMs,
    nowMs: Number,
  });
});

t.test('a runtime that ended by itself is started again', async (t) => {
  const { instance, asked } = await openStarted(t);
  instance.runtimeEnded();
  t.match(await instance.startRuntime(bootedMib), { failure: null });
  t.same(asked(), ['start']);
});

t.test("a slow initialisation goes on for the function's timeout", async (t) => {
  const { instance, guest, answers } = await openBench(t);
  const outcomes = ['timeout', 'ready'];
  answers.start = (one) => guest.reply(one, startReply(outcomes.shift() ?? 'none'));
  t.match(await instance.startRuntime(bootedMib), { failure: null });
  t.same(
    guest.requests.map(({ head }) => head.timeoutMs),
    [initTimeoutMs, timeoutMs],
  );
  t.match(await instance.startRuntime(bootedMib), { failure: null, initMs: 0 });
});

t.test('and no further: it is a timeout then, and the next use starts anew', async (t) => {
  const { instance, guest, answers, asked } = await openBench(t);
  answers.start = (one) => guest.reply(one, startReply('timeout'));
  t.match(await instance.startRuntime(bootedMib), { failure: { failure: { kind: 'timeout' } } });
  t.same(asked(), ['start', 'start']);
  answers.start = (one) => guest.reply(one, startReply('ready'));
  t.match(await instance.startRuntime(bootedMib), { failure: null });
  t.equal(asked().length, 3);
});

t.test('a function that fails to initialise is told of, with what it said', async (t) => {
  const { instance, guest, answers, asked } = await openBench(t);
  answers.start = (one) => {
    const head = startReply('error', { errorType: 'Runtime.X', logTail: 'aGk=' });
    guest.reply(one, head, Buffer.from('{"errorType":"Runtime.X"}'));
  };
  const { failure } = await instance.startRuntime(bootedMib);
  t.same(failure?.failure, { kind: 'error', errorType: 'Runtime.X' });
  t.equal(Buffer.from(failure?.payload ?? []).toString(), '{"errorType":"Runtime.X"}');
  t.equal(Buffer.from(failure?.logTail ?? []).toString(), 'hi');
  await instance.startRuntime(bootedMib);
  t.same(asked(), ['start', 'start'], 'nothing runs, so the next use tries again');
});

t.test('an invocation is handed over whole, and answered whole', async (t) => {
  const { instance, guest } = await openStarted(t);
  const ending = await instance.invoke(request({ clientContext: '{"c":1}' }));
  t.equal(ending.failure, null);
  t.equal(Buffer.from(ending.payload).toString(), '{"a":1}');
  await instance.invoke(request({ requestId: 'r2', qualifier: '3' }));
  const [first, second] = guest.requests.map(({ head }) => head);
  t.match(first, {
    op: 'invoke',
    requestId: 'r1',
    functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:hello',
    clientContext: '{"c":1}',
  });
  t.equal(Number(first?.deadlineMs) - Number(first?.nowMs), timeoutMs);
  t.match(second, { requestId: 'r2', functionArn: /:function:hello:3$/ });
  t.notOk(second !== undefined && 'clientContext' in second);
});

t.test('the outcome tells whether the runtime still runs', async (t) => {
  const outlived = { response: true, error: true, 'too-large': true };
  const ended = { exit: false, 'out-of-memory': false, stopped: false };
  for (const [outcome, isUp] of Object.entries({ ...outlived, ...ended })) {
    const { instance, guest, answers, asked } = await openStarted(t);
    answers.invoke = (one) => guest.reply(one, invokeReply(outcome));
    await instance.invoke(request());
    await instance.startRuntime(bootedMib);
    t.same(asked(), isUp ? ['invoke'] : ['invoke', 'start'], outcome);
  }
});

t.test('one that ended before it took the invocation is started for it, once', async (t) => {
  const { instance, guest, answers, asked } = await openStarted(t);
  const notStarted = { code: 'not-started', message: 'the runtime ended' };
  let refusals = 1;
  answers.invoke = (one) => {
    refusals -= 1;
    if (refusals >= 0) guest.fail(one, notStarted);
    else guest.reply(one, invokeReply('response'), one.body);
  };
  t.match(await instance.invoke(request()), { failure: null });
  t.same(asked(), ['invoke', 'start', 'invoke']);
  refusals = 2;
  await t.rejects(instance.invoke(request()), { code: 'not-started' });
  answers.start = (one) => guest.reply(one, startReply('error', { errorType: 'E' }));
  refusals = 1;
  t.match(await instance.invoke(request()), { failure: { kind: 'error', errorType: 'E' } });
});

t.test('an end that crosses the answer is not forgotten', async (t) => {
  const { instance, guest, answers, asked } = await openStarted(t);
  answers.invoke = (one) => {
    instance.runtimeEnded();
    guest.reply(one, invokeReply('error'));
  };
  await instance.invoke(request());
  await instance.startRuntime(bootedMib);
  t.same(asked(), ['invoke', 'start']);
});

t.test('a function that overruns its timeout is stopped, and started for the next', async (t) => {
  const { instance, client, guest, answers, asked, running, invocation } = await openRunning(t);
  answers.stop = (one) => {
    guest.reply(invocation, invokeReply('stopped'));
    guest.reply(one, { memory: guestMemory });
  };
  mock.timers.tick(timeoutMs - 1);
  await client.memory();
  t.same(asked(), ['invoke', 'memory']);
  mock.timers.tick(1);
  const ending = await running;
  t.same(ending.failure, { kind: 'timeout' });
  t.equal(ending.durationMs, timeoutMs);
  t.same(asked(), ['invoke', 'memory', 'stop']);
  await instance.startRuntime(bootedMib);
  t.same(asked(), ['invoke', 'memory', 'stop', 'start']);
});

t.test('an answer that crosses the stop is good; its runtime is gone for the next', async (t) => {
  const { instance, client, guest, answers, asked, running, invocation } = await openRunning(t);
  const stopped = new Gate();
  let stop: GuestRequest | undefined;
  answers.stop = (one) => {
    stop = one;
    stopped.wait();
  };
  let isOver = false;
  running.then(() => {
    isOver = true;
  });
  mock.timers.tick(timeoutMs);
  guest.reply(invocation, invokeReply('response'), Buffer.from('"late"'));
  await stopped.arrival();
  await client.memory();
  t.equal(isOver, false, 'nobody else may use the instance while it is being stopped');
  if (stop !== undefined) guest.reply(stop, { memory: guestMemory });
  const ending = await running;
  t.equal(ending.failure, null);
  t.equal(Buffer.from(ending.payload).toString(), '"late"');
  await instance.startRuntime(bootedMib);
  t.same(asked(), ['invoke', 'stop', 'memory', 'start']);
});

t.test('one that answers in time is not stopped later', async (t) => {
  const { client, guest, asked, running, invocation } = await openRunning(t);
  guest.reply(invocation, invokeReply('response'));
  t.equal((await running).failure, null);
  mock.timers.tick(timeoutMs);
  await client.memory();
  t.same(asked(), ['invoke', 'memory']);
});

t.test('a guest that answers nothing, not even the stop, is an error', async (t) => {
  const { guest, answers, running } = await openRunning(t);
  const stopped = new Gate();
  answers.stop = () => void stopped.wait();
  mock.timers.tick(timeoutMs);
  await stopped.arrival();
  t.equal(guest.requests.length, 2);
  mock.timers.tick(60_000);
  await t.rejects(running, { code: 'GUEST_TIMEOUT', message: /did not answer 'invoke'/ });
});

t.test('a resize that succeeds is the new size', async (t) => {
  const { instance, domain, asked } = await openStarted(t);
  const { size, report } = await instance.resize(257);
  t.match(report, { mechanism: 'virtio-mem', settled: true });
  t.same(size, { pluggedMib: 258, limitMib: 257 });
  t.same(instance.size, size);
  t.same(domain.asked, [258]);
  t.same(asked(), ['release']);
  await instance.resize(128);
  t.same(instance.size, { pluggedMib: 128, limitMib: 128 });
});

t.test('the share of the processor follows the size, or what was asked for', async (t) => {
  const { instance, guest, asked } = await openStarted(t);
  const quotas = () =>
    guest.requests.map(({ head }) => (head.limits as GuestLimits | undefined)?.cpuQuotaUs);
  t.equal(instance.cpuMillis, 72);
  await instance.resize(bootedMib, 1500);
  t.equal(instance.cpuMillis, 1500);
  await instance.resize(bootedMib, 1500);
  await instance.resize(256, 1500);
  await instance.resize(256);
  t.equal(instance.cpuMillis, 145);
  await instance.resize(bootedMib, 9000);
  t.equal(instance.cpuMillis, 2000, 'all that there is');
  t.same(asked(), ['release', 'release', 'release', 'claim']);
  t.same(quotas(), [150_000, 150_000, 14_500, 200_000]);
});

t.test("a share that the guest did not take is not the instance's", async (t) => {
  const { instance, guest, answers } = await openStarted(t);
  answers.release = (one) => guest.fail(one, { code: 'guest-error', message: 'no' });
  await t.rejects(instance.resize(bootedMib, 500), { code: 'guest-error' });
  t.equal(instance.cpuMillis, 72);
});

t.test('a runtime that is started again has the share that it had', async (t) => {
  const { instance, guest, answers } = await openBench(t);
  await instance.startRuntime(bootedMib, 500);
  answers.invoke = (one) => {
    answers.invoke = (next) => guest.reply(next, invokeReply('response'), next.body);
    guest.fail(one, { code: 'not-started', message: 'it has gone' });
  };
  await instance.invoke(request({ cpuMillis: 500 }));
  const starts = guest.requests.filter(({ head }) => head.op === 'start');
  t.match(
    starts.map(({ head }) => head.limits),
    [{ cpuQuotaUs: 50_000 }, { cpuQuotaUs: 50_000 }],
  );
});

t.test('an unplug that stops half-way is the size reached, and is asked for again', async (t) => {
  const { instance, domain } = await openStarted(t, 512, 0);
  domain.onAsk = () => {
    domain.pluggedMib = 300;
  };
  const { report } = await instance.resize(128);
  t.equal(report.settled, false);
  t.same(instance.size, { pluggedMib: 300, limitMib: 128 });
  await instance.resize(300);
  t.same(domain.asked, [128, 300], 'the guest must not go on to 128');
});

t.test('memory that is held leaves the limit; what is plugged is what QEMU says', async (t) => {
  const { instance, guest, answers, domain } = await openStarted(t, 512);
  answers.claim = (one) =>
    guest.fail(one, { code: 'memory-held', message: 'in use', heldBytes: 300 * bytesPerMib });
  domain.pluggedMib = 500;
  await t.rejects(instance.resize(128), { code: 'MEMORY_HELD', message: /holds 300 MiB/ });
  t.same(instance.size, { pluggedMib: 500, limitMib: 512 });
  t.same(domain.asked, []);
});

t.test('a plug that does not settle leaves the limit; what is plugged is QEMUs', async (t) => {
  const { instance, domain } = await openStarted(t, bootedMib, 0);
  domain.onAsk = (askedMib) => {
    domain.pluggedMib = askedMib === bootedMib ? 140 : 300;
  };
  domain.onLook = () => {
    if (domain.commands.length === 3) domain.pluggedMib = 132;
  };
  await t.rejects(instance.resize(512), {
    code: 'RESIZE_UNSETTLED',
    message: /took 300 of 512 MiB.*stands at 132 MiB/,
  });
  t.same(domain.asked, [512, bootedMib]);
  t.same(instance.size, { pluggedMib: 132, limitMib: bootedMib });
});

t.test('a QEMU that cannot be asked leaves the size as it was known', async (t) => {
  const { instance, domain } = await openStarted(t);
  const gone = new Error('gone');
  domain.onAsk = () => {
    domain.pluggedMib = 400;
    throw gone;
  };
  domain.onLook = () => {
    throw new Error('gone too');
  };
  t.equal(await instance.resize(512).catch((caught: unknown) => caught), gone);
  t.same(instance.size, { pluggedMib: bootedMib, limitMib: bootedMib });
});

/** Has the guest refuse to go below what its process holds. */
function hold({ guest, answers }: Awaited<ReturnType<typeof openBench>>, heldMib: number): void {
  const heldBytes = heldMib * bytesPerMib;
  answers.claim = (one) => {
    const { memoryBytes } = one.head.limits as GuestLimits;
    if (memoryBytes >= heldBytes) guest.reply(one, { memory: guestMemory });
    else guest.fail(one, { code: 'memory-held', message: 'in use', heldBytes });
  };
}

t.test('to be deflated leaves what the process holds, and no more', async (t) => {
  const bench = await openStarted(t, 512);
  hold(bench, 40.5);
  const { instance, domain, asked } = bench;
  const { size } = await instance.deflate();
  t.same(size, { pluggedMib: 42, limitMib: 41 });
  t.same(instance.size, size);
  t.same([asked(), domain.asked], [['claim', 'claim'], [42]]);
  await instance.resize(512);
  t.same(instance.size, { pluggedMib: 512, limitMib: 512 });
});

t.test('a process that holds next to nothing keeps 8 MiB', async (t) => {
  const bench = await openStarted(t, 512);
  hold(bench, 1);
  await bench.instance.deflate();
  t.same(bench.instance.size, { pluggedMib: 8, limitMib: 8 });
});

t.test('one that holds all it has is not deflated', async (t) => {
  const bench = await openStarted(t);
  hold(bench, bootedMib);
  const { instance, domain, asked } = bench;
  await t.rejects(instance.deflate(), { code: 'MEMORY_HELD' });
  t.same(instance.size, { pluggedMib: bootedMib, limitMib: bootedMib });
  t.same([asked(), domain.asked], [['claim'], []]);
});

t.test('what else keeps one from being deflated passes through', async (t) => {
  const { instance, asked } = await openStarted(t);
  const reason = new BallastError('INSTANCE_LOST', 'gone');
  instance.disconnect(reason);
  t.equal(await instance.deflate().catch((caught: unknown) => caught), reason);
  t.same(asked(), []);
});

t.test('a size that no instance can have is refused before anybody is asked', async (t) => {
  const { instance, domain, asked } = await openStarted(t);
  await t.rejects(instance.resize(maxMib + 1), { code: 'SIZE_BEYOND_HOST' });
  t.same([domain.asked, domain.commands, asked()], [[], [], []]);
});

t.test('a disconnection fails what waits for the guest, with its reason', async (t) => {
  const { instance, running } = await openRunning(t);
  const reason = new BallastError('SHUTTING_DOWN', 'The service is stopping.');
  instance.disconnect(reason);
  t.equal(await running.catch((caught: unknown) => caught), reason);
  t.equal(await instance.resize(256).catch((caught: unknown) => caught), reason);
});
