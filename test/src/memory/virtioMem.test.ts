import { mock } from 'node:test';
import t, { type Test } from 'tap';
import { LibvirtError, QmpError } from '../../../lib/index.js';
import { elasticXml, VirtioMem } from '../../../src/memory/virtioMem.js';
import { elasticDeviceXml, FakeDomain } from '../../support/fakeDomain.js';
import { Gate } from '../../support/gate.js';

function elasticOf(domain: FakeDomain, askedMib = domain.pluggedMib): VirtioMem {
  return new VirtioMem(domain.domain, askedMib);
}

const refusal = () =>
  new LibvirtError('device busy', { code: 38, domain: 10, level: 2, call: 'virDomainUpdate' });

/** A clock that goes on by `stepMs` whenever the size is looked at, and not otherwise. */
function clockOf(t: Test, domain: FakeDomain, stepMs: number): void {
  let nowMs = 5_000;
  const clock = mock.method(performance, 'now', () => nowMs);
  t.teardown(() => clock.mock.restore());
  const { onLook } = domain;
  domain.onLook = () => {
    nowMs += stepMs;
    onLook();
  };
}

t.test('the device is described in KiB, under an alias that libvirt leaves alone', async (t) => {
  t.equal(
    elasticXml({ sizeMib: 1024, blockMib: 2 }, 130),
    "<memory model='virtio-mem'><target><size unit='KiB'>1048576</size><node>0</node>" +
      "<block unit='KiB'>2048</block><requested unit='KiB'>133120</requested></target>" +
      "<alias name='ua-elastic'/></memory>",
  );
});

t.test('a request sends the device as libvirt describes it, but for the wish', async (t) => {
  const domain = new FakeDomain();
  const elastic = elasticOf(domain);
  await elastic.request(256);
  await elastic.request(128);
  t.equal(domain.xmlReads, 1, 'nothing else of it changes');
  t.same(
    domain.updates.map(({ xml, options }) => [xml, options.live]),
    [256, 128].map((mib) => [elasticDeviceXml(mib).trim(), true]),
  );
});

t.test('a domain without such a device is asked for nothing', async (t) => {
  const domain = new FakeDomain(128);
  domain.description = '<domain><devices/></domain>';
  const elastic = elasticOf(domain);
  await t.rejects(elastic.request(256), { message: /no virtio-mem device/ });
  t.equal(elastic.askedMib, 128, 'so that the wish of before still holds');
  t.same(domain.updates, []);
});

t.test('what is plugged is what QEMU says of the device, in MiB', async (t) => {
  const domain = new FakeDomain(386);
  t.equal(await elasticOf(domain).pluggedMib(), 386);
  t.same(domain.commands, [
    { command: 'qom-get', args: { path: '/machine/peripheral/ua-elastic', property: 'size' } },
  ]);
});

t.test('the size asked for is known before, after, and not while a request runs', async (t) => {
  const domain = new FakeDomain(128);
  const gate = new Gate();
  domain.onAsk = () => gate.wait();
  const elastic = elasticOf(domain, 130);
  t.equal(elastic.askedMib, 130, 'that of its creation, whatever is plugged');
  const asking = elastic.request(256);
  await gate.arrival();
  t.equal(elastic.askedMib, null);
  gate.open();
  await asking;
  t.equal(elastic.askedMib, 256);
});

t.test('after a request that failed, nobody knows what the guest was asked for', async (t) => {
  const domain = new FakeDomain(128);
  const elastic = elasticOf(domain);
  const error = refusal();
  const { onAsk } = domain;
  domain.onAsk = () => {
    throw error;
  };
  t.equal(await elastic.request(256).catch((caught: unknown) => caught), error);
  t.equal(elastic.askedMib, null);
  domain.onAsk = onAsk;
  await elastic.request(256);
  t.equal(elastic.askedMib, 256);
});

t.test('a size that is reached is settled at once, and one on its way is waited for', async (t) => {
  const domain = new FakeDomain(128);
  clockOf(t, domain, 10);
  const elastic = elasticOf(domain);
  t.same(await elastic.settle(128, 0), { pluggedMib: 128, settled: true });
  t.equal(domain.commands.length, 1);
  const { onLook } = domain;
  domain.onLook = () => {
    onLook();
    domain.pluggedMib += 2;
  };
  t.same(await elastic.settle(134, 1_000), { pluggedMib: 134, settled: true });
  t.equal(domain.commands.length, 4);
  t.same(domain.asked, [], 'a guest that gets on is not asked again');
});

t.test('the wait for a size is bounded, and tells how far the guest came', async (t) => {
  const domain = new FakeDomain(300);
  clockOf(t, domain, 40);
  const elastic = elasticOf(domain);
  t.same(await elastic.settle(128, 200), { pluggedMib: 300, settled: false });
  t.equal(domain.commands.length, 5);
  t.same(await elastic.settle(128, 0), { pluggedMib: 300, settled: false }, 'without any time');
  t.equal(domain.commands.length, 6);
});

t.test('a guest that got stuck is asked again, four times a second', async (t) => {
  const domain = new FakeDomain(300);
  domain.onAsk = () => {
    if (domain.asked.length === 3) domain.pluggedMib = 128;
  };
  clockOf(t, domain, 50);
  const elastic = elasticOf(domain, 128);
  t.same(await elastic.settle(128, 10_000), { pluggedMib: 128, settled: true });
  t.same(domain.asked, [128, 128, 128]);
  t.equal(domain.commands.length, 16, 'after 250, 500 and 750 ms, and a look that finds it done');
});

t.test('what libvirt or QEMU refuses while a size settles passes through', async (t) => {
  const stuck = new FakeDomain(300);
  clockOf(t, stuck, 300);
  const error = refusal();
  stuck.onAsk = () => {
    throw error;
  };
  const elastic = elasticOf(stuck, 128);
  t.equal(await elastic.settle(128, 10_000).catch((caught: unknown) => caught), error);
  t.equal(elastic.askedMib, null);

  const gone = new FakeDomain(300);
  const missing = new QmpError('qom-get', 'DeviceNotFound', 'no device');
  gone.onLook = () => {
    throw missing;
  };
  t.equal(
    await elasticOf(gone)
      .settle(128, 10_000)
      .catch((caught: unknown) => caught),
    missing,
  );
  t.equal(
    await elasticOf(gone)
      .pluggedMib()
      .catch((caught: unknown) => caught),
    missing,
  );
});

t.test('a QEMU that hangs is given up, and holds nobody up', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.teardown(() => mock.timers.reset());
  const domain = new FakeDomain(128);
  domain.hangs = true;
  const elastic = elasticOf(domain);
  const calls: Promise<unknown>[] = [elastic.pluggedMib(), elastic.settle(256, 10_000)];
  const hanging = calls.map((call) =>
    t.rejects(call, { code: 'INSTANCE_LOST', message: /QEMU did not answer within \d+ ms/ }),
  );
  mock.timers.tick(25_000);
  await Promise.all(hanging);
});
