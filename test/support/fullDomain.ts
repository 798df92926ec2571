import { type Connection, connect, type Domain } from '../../lib/index.js';
import { testUri } from './testDriver.js';

/** A domain of libvirt's test driver that has one of each kind of device. */
const fullDomainXml = (name: string): string => `
  <domain type='test'>
    <name>${name}</name>
    <memory unit='KiB'>1048576</memory>
    <vcpu current='2'>4</vcpu>
    <iothreads>2</iothreads>
    <os><type arch='i686'>hvm</type></os>
    <devices>
      <disk type='file' device='disk'>
        <source file='/nowhere/disk'/><target dev='vda' bus='virtio'/>
      </disk>
      <interface type='network'>
        <mac address='aa:bb:cc:dd:ee:ff'/><source network='default'/><target dev='testnet0'/>
      </interface>
      <memballoon model='virtio'/>
    </devices>
  </domain>`;

interface Test {
  teardown(handler: () => Promise<void>): unknown;
}

/** Such a domain, started, on a connection that closes with the test. */
export async function openFullDomain(
  t: Test,
): Promise<{ connection: Connection; domain: Domain; xml: string }> {
  const connection = await connect(testUri);
  t.teardown(() => connection.close());
  const xml = fullDomainXml('full');
  const domain = await connection.defineDomain(xml);
  await domain.start();
  return { connection, domain, xml };
}
