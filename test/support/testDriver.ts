/** libvirt's test driver, which needs no hypervisor. Each connection has domains of its own. */
export const testUri = 'test:///default';

/** What a libvirt error must look like, in the form that tap compares. */
export const withCode = (code: string) => ({ name: 'LibvirtError', message: /./, code });

export const testDomainXml = (name: string): string => `
  <domain type='test'>
    <name>${name}</name><memory unit='KiB'>1024</memory><vcpu>1</vcpu>
    <os><type>hvm</type></os>
  </domain>`;
