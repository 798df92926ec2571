import { connect } from '../../lib/index.js';

/** libvirt's test driver, which needs no hypervisor. Each connection has domains of its own. */
export const testUri = 'test:///default';

/** libvirt's version. Debian 12 has 9.0, Debian 13 has 11.3, whose test driver can do more. */
export async function libvirtVersion(): Promise<string> {
  await using connection = await connect(testUri);
  return (await connection.version()).libvirt;
}

/** Whether it is one of Debian 12's, whose answers differ from later ones. */
export const isOld = (version: string): boolean => Number.parseInt(version, 10) < 11;

/** What a libvirt error must look like, in the form that tap compares. */
export const withCode = (code: string) => ({ name: 'LibvirtError', message: /./, code });

export const testDomainXml = (name: string): string => `
  <domain type='test'>
    <name>${name}</name><memory unit='KiB'>1024</memory><vcpu>1</vcpu>
    <os><type>hvm</type></os>
  </domain>`;
