import t from 'tap';
import { openFullDomain } from '../support/fullDomain.js';

t.test('an interface counts what passes', async (t) => {
  const { domain } = await openFullDomain(t);
  const stats = await domain.networkInterface('testnet0').stats();
  t.ok((stats.rxBytes ?? 0) > 0);
  t.ok((stats.txPackets ?? 0) > 0);
  await t.rejects(domain.networkInterface('nope').stats(), { code: 'INVALID_ARG' });
});

t.test('its bandwidth is a typed object', async (t) => {
  const { domain } = await openFullDomain(t);
  const network = domain.networkInterface('testnet0');
  await network.setBandwidth({ inboundAverage: 10, outboundPeak: 20, outboundAverage: 5 });
  t.match(await network.bandwidth(), { inboundAverage: 10, outboundPeak: 20 });
});

t.test('addresses come from whom they are asked for', async (t) => {
  const { domain } = await openFullDomain(t);
  const [first] = await domain.addresses('agent');
  t.match(first, { name: 'testnet0', mac: 'aa:bb:cc:dd:ee:ff' });
  t.match(first?.addresses[0], { family: 'ipv4', address: /^192\.168\./, prefix: 24 });
  await t.rejects(domain.addresses('dns' as never), {
    name: 'RangeError',
    message: /lease, agent, arp, not dns/,
  });
});
