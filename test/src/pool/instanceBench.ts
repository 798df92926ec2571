/** Instances whose guest and domain are fakes. */
import { mock } from 'node:test';
import type { Test } from 'tap';
import { AgentClient } from '../../../src/agent/client.js';
import { blockMib, floorFor } from '../../../src/memory/geometry.js';
import { VirtioMem } from '../../../src/memory/virtioMem.js';
import type { InvocationRequest } from '../../../src/model/invocation.js';
import type { ResizeEnd } from '../../../src/model/observer.js';
import { HostCap } from '../../../src/pool/hostCap.js';
import { Instance } from '../../../src/pool/instance.js';
import { FakeDomain } from '../../support/fakeDomain.js';
import type { GuestRequest } from '../../support/fakeGuest.js';
import { FakeGuest, guestMemory } from '../../support/fakeGuest.js';
import { functionRecord } from '../../support/functionRecord.js';
import { Gate } from '../../support/gate.js';

export const bytesPerMib = 1024 * 1024;
export const maxMib = 1024;
export const bootedMib = 128;
export const initTimeoutMs = 700;
export const fn = functionRecord('hello', { timeoutSeconds: 3, environment: { STAGE: 'test' } });
export const timeoutMs = fn.timeoutSeconds * 1000;

type Answerer = (request: GuestRequest) => void;

const report = { logTail: '', memory: guestMemory };
export const startReply = (outcome: string, more: object = {}) => ({
  outcome,
  initMs: 1,
  ...report,
  ...more,
});
export const invokeReply = (outcome: string, more: object = {}) => ({
  outcome,
  durationMs: 1.5,
  logBytes: 0,
  ...report,
  ...more,
});

export const request = (changes: Partial<InvocationRequest> = {}): InvocationRequest => ({
  requestId: 'r1',
  fn,
  requestedMib: bootedMib,
  cpuMillis: null,
  storageMib: 512,
  payload: Buffer.from('{"a":1}'),
  ...changes,
});

/** An instance of a guest that obliges; `answers` replaces what it says to an operation. */
export async function openBench(t: Test, settleMs = 10_000) {
  const guest = await FakeGuest.listen();
  t.teardown(() => guest.close());
  const signal = AbortSignal.timeout(20_000);
  const { client } = await AgentClient.connect(guest.socketPath, { signal });
  t.teardown(() => client.close());
  const answers: Record<string, Answerer> = {
    start: (one) => guest.reply(one, startReply('ready')),
    invoke: (one) => guest.reply(one, invokeReply('response'), one.body),
  };
  guest.onRequest = (one) => {
    const answer =
      answers[String(one.head.op)] ?? (() => guest.reply(one, { memory: guestMemory }));
    answer(one);
  };
  const resized: ResizeEnd[] = [];
  const domain = new FakeDomain(bootedMib);
  const geometry = { floorMib: floorFor(maxMib), blockMib, maxMib };
  const hostCap = new HostCap({ budgetMib: 0, geometry, overheadMib: 0, isProvisioned: true });
  const instance = new Instance(
    {
      instanceId: 'i-1',
      fn,
      domain: domain.domain,
      agent: client,
      elastic: new VirtioMem(domain.domain, bootedMib),
      pluggedMib: bootedMib,
      dir: '/nowhere',
      start: 'boot',
      isInitialised: false,
    },
    {
      geometry,
      vcpus: 2,
      identity: { region: 'us-east-1', accountId: '000000000000' },
      settleMs,
      initTimeoutMs,
      observer: { invoked: () => {}, resized: (end) => resized.push(end) },
      hostCap,
    },
  );
  const asked = () => guest.requests.map(({ head }) => head.op);
  return { guest, client, answers, domain, instance, asked, resized };
}

/** One whose runtime runs, of which the guest has been asked nothing else. */
export async function openStarted(t: Test, requestedMib = bootedMib, settleMs?: number) {
  const bench = await openBench(t, settleMs);
  await bench.instance.startRuntime(requestedMib);
  if (requestedMib !== bootedMib) await bench.instance.resize(requestedMib);
  bench.guest.requests.length = 0;
  bench.domain.updates.length = 0;
  return bench;
}

/** Sends an invocation that the guest leaves unanswered; time stands still. */
export async function openRunning(t: Test) {
  const bench = await openStarted(t);
  mock.timers.enable({ apis: ['setTimeout'] });
  t.teardown(() => mock.timers.reset());
  const gate = new Gate();
  let invocation: GuestRequest | undefined;
  bench.answers.invoke = (one) => {
    invocation = one;
    gate.wait();
  };
  const running = bench.instance.invoke(request());
  await gate.arrival();
  if (invocation === undefined) throw new Error('the guest was not asked');
  return { ...bench, running, invocation };
}
