import t from 'tap';
import { Metrics } from '../../../src/api/index.js';
import { FakeService } from '../../support/fakeService.js';
import { openBench } from './harness.js';

/** The value of one line, by its name and labels. */
const figure = (text: string, series: string): number => {
  const line = text.split('\n').find((one) => one.startsWith(`${series} `));
  return Number(line?.slice(series.length + 1) ?? Number.NaN);
};

t.test('the route answers in the format of Prometheus', async (t) => {
  const { send } = await openBench(t);
  const answer = await send('GET /metrics');
  t.equal(answer.statusCode, 200);
  t.match(answer.headers, { 'content-type': /^text\/plain; version=0\.0\.4/ });
  t.match(answer.body, /^# HELP ballast_memory_bytes .+\n# TYPE ballast_memory_bytes gauge$/m);
  t.match(answer.body, /^nodejs_eventloop_lag_seconds /m);
});

t.test('invocations and resizes are counted by what they came to', async (t) => {
  const metrics = new Metrics();
  const ended = { queueMs: 20, durationMs: 300 };
  metrics.invoked({ outcome: 'answered', start: 'warm', ...ended });
  metrics.invoked({ outcome: 'answered', start: 'warm', ...ended });
  metrics.invoked({ outcome: 'timeout', start: 'boot', ...ended });
  metrics.invoked({ outcome: 'QUEUE_FULL', start: 'none', queueMs: 1, durationMs: null });
  metrics.resized({ mechanism: 'virtio-mem', state: 'settled', ms: 15 });
  metrics.resized({ mechanism: 'virtio-mem', state: 'settled', ms: 40_000 });
  metrics.resized({ mechanism: 'virtio-mem', state: 'partial', ms: 10_000 });
  const text = await metrics.text(new FakeService());
  for (const [series, value] of [
    ['ballast_invocations_total{outcome="answered",start="warm"}', 2],
    ['ballast_invocations_total{outcome="timeout",start="boot"}', 1],
    ['ballast_invocations_total{outcome="QUEUE_FULL",start="none"}', 1],
    ['ballast_queue_seconds_count', 4],
    ['ballast_invocation_seconds_sum{start="warm"}', 0.6],
    ['ballast_resize_seconds_count{mechanism="virtio-mem",state="settled"}', 2],
    ['ballast_resize_seconds_bucket{le="0.01",mechanism="virtio-mem",state="settled"}', 0],
    ['ballast_resize_seconds_bucket{le="0.02",mechanism="virtio-mem",state="settled"}', 1],
    ['ballast_resize_seconds_count{mechanism="virtio-mem",state="partial"}', 1],
  ] as const) {
    t.equal(figure(text, series), value, series);
  }
  t.notMatch(text, 'ballast_invocation_seconds_count{start="none"}');
});

t.test('what instances are charged, what they take, and the difference', async (t) => {
  const metrics = new Metrics();
  const service = new FakeService();
  const mib = (count: number) => count * 1024 * 1024;
  const present = await service.instance('i-1');
  service.instances = async () => [{ ...present, residentMib: 300 }];
  const text = await metrics.text(service);
  for (const [series, value] of [
    ['ballast_memory_bytes{of="budget"}', mib(8192)],
    ['ballast_memory_bytes{of="charged"}', mib(192)],
    ['ballast_memory_bytes{of="reserved"}', 0],
    ['ballast_instances{state="hot"}', 1],
    ['ballast_instances{state="busy"}', 0],
    ['ballast_queue_length', 0],
    ['ballast_instance_charged_bytes{instance="i-1"}', mib(700)],
    ['ballast_instance_resident_bytes{instance="i-1"}', mib(300)],
    ['ballast_instance_unused_bytes{instance="i-1"}', mib(400)],
    ['ballast_instance_disk_bytes{instance="i-1"}', mib(1)],
  ] as const) {
    t.equal(figure(text, series), value, series);
  }
  service.instances = async () => [{ ...present, instanceId: 'i-2', residentMib: null }];
  const later = await metrics.text(service);
  t.notMatch(later, /instance="i-1"/, 'one that has gone is forgotten');
  t.equal(figure(later, 'ballast_instance_charged_bytes{instance="i-2"}'), mib(700));
  t.notMatch(later, /resident_bytes\{instance="i-2"/, 'what cannot be seen is not told');
});

t.test('two scrapes at a time are one', async (t) => {
  const metrics = new Metrics();
  const service = new FakeService();
  let asked = 0;
  const { instances } = service;
  service.instances = () => {
    asked += 1;
    return instances.call(service);
  };
  const [one, other] = await Promise.all([metrics.text(service), metrics.text(service)]);
  t.equal(one, other);
  t.equal(asked, 1);
});
