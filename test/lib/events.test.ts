import t from 'tap';
import { decodeClose, decodeEvent, decodeQmpEvent, domainEventNames } from '../../lib/events.js';
import { ClosedError, connect, type DomainEventName } from '../../lib/index.js';
import { recordLifecycle } from '../support/lifecycle.js';
import { testUri } from '../support/testDriver.js';
import { within } from '../support/within.js';

const domain = { name: 'n', uuid: 'u' };

/** What the addon says of each event, and what a listener hears. */
const cases: { readonly [E in DomainEventName]: readonly [native: object, heard: object] } = {
  lifecycle: [
    { event: 4, detail: 1 },
    { event: 'resumed', detail: 1 },
  ],
  reboot: [{}, {}],
  'rtc-change': [{ offsetSeconds: -3600 }, { offsetSeconds: -3600 }],
  watchdog: [{ action: 6 }, { action: 'inject-nmi' }],
  'io-error': [
    { path: '/disk', alias: 'a', action: 1, reason: 'enospc' },
    { path: '/disk', alias: 'a', action: 'pause', reason: 'enospc' },
  ],
  graphics: [
    {
      phase: 2,
      local: { family: 2, node: '', service: '/vnc' },
      remote: null,
      authScheme: 'none',
      subject: [{ type: 'x509dname', name: 'me' }],
    },
    {
      phase: 'disconnect',
      local: { family: 'unix', node: '', service: '/vnc' },
      remote: null,
      authScheme: 'none',
      subject: [{ type: 'x509dname', name: 'me' }],
    },
  ],
  'control-error': [{}, {}],
  'block-job': [
    { disk: 'vda', type: 2, status: 3 },
    { disk: 'vda', type: 'copy', status: 'ready' },
  ],
  'block-job-path': [
    { disk: '/disk', type: 5, status: 9 },
    { disk: '/disk', type: 'backup', status: 'unknown' },
  ],
  'disk-change': [
    { oldPath: '/a', newPath: null, alias: 'a', reason: 1 },
    { oldPath: '/a', newPath: null, alias: 'a', reason: 'dropped-on-start' },
  ],
  'tray-change': [
    { alias: 'a', reason: 1 },
    { alias: 'a', reason: 'close' },
  ],
  'pm-wakeup': [{}, {}],
  'pm-suspend': [{}, {}],
  'pm-suspend-disk': [{}, {}],
  'balloon-change': [{ memoryKib: 5 }, { memoryKib: 5 }],
  'device-added': [{ alias: 'a' }, { alias: 'a' }],
  'device-removed': [{ alias: null }, { alias: '' }],
  'device-removal-failed': [{ alias: 'a' }, { alias: 'a' }],
  tunable: [
    { parameters: { 'cputune.vcpupin0': '0', 'cputune.cpu_shares': 5 } },
    { parameters: { cputune: { vcpupin0: '0', cpuShares: 5 } } },
  ],
  'agent-lifecycle': [
    { state: 1, reason: 2 },
    { state: 'connected', reason: 'channel' },
  ],
  'migration-iteration': [{ iteration: 3 }, { iteration: 3 }],
  'job-completed': [{ parameters: { success: true } }, { parameters: { success: true } }],
  'metadata-change': [
    { type: 1, uri: null },
    { kind: 'title', uri: null },
  ],
  'block-threshold': [
    { device: 'vda', path: '/disk', thresholdBytes: 4096, excessBytes: 1 },
    { device: 'vda', path: '/disk', thresholdBytes: 4096, excessBytes: 1 },
  ],
  'memory-failure': [
    { recipient: 1, action: 2, flags: 3 },
    { recipient: 'guest', action: 'fatal', actionRequired: true, recursive: true },
  ],
  'memory-device-size-change': [
    { alias: 'm', sizeKib: 2048 },
    { alias: 'm', sizeKib: 2048 },
  ],
  'nic-mac-change': [
    { alias: 'n', oldMac: 'a', newMac: 'b' },
    { alias: 'n', oldMac: 'a', newMac: 'b' },
  ],
};

t.test('each event is told in words', async (t) => {
  for (const [event, [native, heard]] of Object.entries(cases)) {
    const decoded = decodeEvent(event as DomainEventName, { ...domain, ...native });
    t.same(decoded, { domain, ...heard }, event);
  }
});

t.test('events of the monitor and the loss of a connection', async (t) => {
  const native = { ...domain, event: 'STOP', timeMs: 1500, details: '{"a":1}' };
  t.same(decodeQmpEvent(native), { domain, event: 'STOP', timeMs: 1500, data: { a: 1 } });
  t.equal(decodeQmpEvent({ ...native, details: null }).data, null);
  t.equal(decodeClose({ reason: 2 }), 'keepalive');
  t.equal(decodeClose({ reason: 99 }), 'unknown');
});

t.test('libvirt takes a listener for each event that it has', async (t) => {
  await using connection = await connect(testUri);
  // Newer than the oldest supported libvirt, which refuses its number.
  const known = domainEventNames.filter((name) => name !== 'nic-mac-change');
  t.equal(known.length, 26);
  for (const event of known) await connection.watch(event, () => undefined);
  t.pass('all were registered');
});

t.test('metadata that changes is told', async (t) => {
  await using connection = await connect(testUri);
  const guest = await connection.lookupByName('test');
  const changes = guest.events('metadata-change');
  await changes.start();
  await guest.metadata.set('title', 'New');
  const { value } = await within('the event', changes.next());
  t.match(value, { domain: { name: 'test' }, kind: 'title' });
  await changes.return();
});

t.test('a loop hears events in order, and stops listening when it is left', async (t) => {
  await using connection = await connect(testUri);
  const guest = await connection.lookupByName('test');
  const events = connection.events('lifecycle');
  await events.start();
  await guest.suspend();
  await guest.resume();
  const heard: string[] = [];
  const loop = async () => {
    for await (const { event } of events) {
      heard.push(event);
      if (event === 'resumed') break;
    }
  };
  await within('the loop', loop());
  t.same(heard, ['suspended', 'resumed']);
  t.same(await events.next(), { done: true, value: undefined });
});

t.test('a loop that is too slow loses the newest events, and can tell how many', async (t) => {
  await using connection = await connect(testUri);
  const guest = await connection.lookupByName('test');
  const events = guest.events('lifecycle', { limit: 1 });
  await events.start();
  const { until } = await recordLifecycle(connection, guest);
  await guest.suspend();
  await guest.resume();
  await until('test resumed');
  t.equal(events.dropped, 1);
  t.match((await events.next()).value, { event: 'suspended' });
  await events.return();
});

t.test('an abort ends a loop with its reason, before it and in it', async (t) => {
  await using connection = await connect(testUri);
  const reason = new Error('enough');
  await t.rejects(
    connection.events('reboot', { signal: AbortSignal.abort(reason) }).next(),
    reason,
  );
  const controller = new AbortController();
  const waiting = connection.events('reboot', { signal: controller.signal });
  await waiting.start();
  const next = waiting.next();
  controller.abort(reason);
  await t.rejects(next, reason);
  await t.rejects(waiting.next(), reason);
  t.throws(() => connection.events('reboots' as never), RangeError);
});

t.test('a loop whose connection is closed ends, after the events that had come', async (t) => {
  const connection = await connect(testUri);
  const guest = await connection.lookupByName('test');
  const events = guest.events('lifecycle');
  const monitor = connection.events('reboot');
  await events.start();
  const { until } = await recordLifecycle(connection, guest);
  await guest.suspend();
  await until('test suspended');
  const waiting = monitor.next();
  const rejected = t.rejects(waiting, ClosedError);
  await connection.close();
  await within('the loop', rejected);
  t.match(await events.next(), { value: { event: 'suspended' } });
  await t.rejects(events.next(), ClosedError);
  await t.rejects(connection.events('reboot').next(), ClosedError);
});
