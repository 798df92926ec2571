import t from 'tap';
import { type Domain, LibvirtError } from '../../../lib/index.js';
import { blockMib, floorFor } from '../../../src/memory/geometry.js';
import { chargeFor } from '../../../src/pool/charge.js';
import { HostCap } from '../../../src/pool/hostCap.js';

const geometry = { floorMib: floorFor(1024), blockMib, maxMib: 1024 };
const charges = { budgetMib: 4096, geometry, overheadMib: 64, isProvisioned: false };

/** A domain that takes limits, or whose libvirt refuses them. */
function domainOf(refusal: Error | null = null) {
  const limitsKib: number[] = [];
  let calls = 0;
  const setMemory = async ({ hardLimitKib }: { hardLimitKib: number }) => {
    calls += 1;
    if (refusal !== null) throw refusal;
    limitsKib.push(hardLimitKib);
  };
  const domain = { tuning: { setMemory } } as unknown as Domain;
  return { domain, limitsKib, calls: () => calls };
}

/** By libvirt's numbers. */
const codes = { SYSTEM_ERROR: 38, NO_DOMAIN: 42, OPERATION_INVALID: 55 };
const domains = { RPC: 7, QEMU: 10 };

function refusalOf(code: keyof typeof codes, domain: keyof typeof domains = 'QEMU'): LibvirtError {
  const call = 'virDomainSetMemoryParameters';
  const report = { code: codes[code], domain: domains[domain], level: 2, call };
  return new LibvirtError('no cgroup', report);
}

t.test('a VM may take what it is charged, and little more', async (t) => {
  const { domain, limitsKib } = domainOf();
  const cap = new HostCap(charges);
  t.match(cap.view, { isSet: false, reason: /no instance/ });
  await cap.set(domain, 512);
  const capMib = Number(limitsKib[0]) / 1024;
  const chargedMib = chargeFor(charges, 512);
  t.ok(capMib > chargedMib && capMib < chargedMib + 80, `${capMib} MiB`);
  t.match(cap.view, { isSet: true, reason: /cgroup for each VM/ });
});

t.test('where there is no cgroup nothing is tried again, and the host says why', async (t) => {
  const { domain, calls } = domainOf(refusalOf('OPERATION_INVALID'));
  const cap = new HostCap(charges);
  await cap.set(domain, 512);
  await cap.set(domain, 128);
  t.equal(calls(), 1);
  t.same(cap.view, { isSet: false, reason: 'no cgroup' });
});

t.test('a VM that has gone says nothing of the host', async (t) => {
  const cap = new HostCap(charges);
  await cap.set(domainOf(refusalOf('NO_DOMAIN')).domain, 512);
  await cap.set(domainOf(refusalOf('SYSTEM_ERROR', 'RPC')).domain, 512);
  const { domain, limitsKib } = domainOf();
  await cap.set(domain, 512);
  t.equal(limitsKib.length, 1);
});

t.test('VMs that are provisioned at once have no limit', async (t) => {
  const { domain, calls } = domainOf();
  const cap = new HostCap({ ...charges, isProvisioned: true });
  await cap.set(domain, 512);
  t.equal(calls(), 0);
  t.match(cap.view, { isSet: false, reason: /largest size/ });
});
