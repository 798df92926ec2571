/** libvirt's embedded QEMU driver in a directory of its own, for tests with real domains. */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { type Connection, connect } from '../../lib/index.js';
import { embedUriOf, prepareEmbedRoot } from '../../src/pool/embedRoot.js';
import { layCapabilities } from './sharedGround.js';
import { testDirectoryPrefix } from './testDirectory.js';

interface Test {
  teardown(handler: () => Promise<void>): unknown;
}

/**
 * Opens an embedded driver. When the test ends, however it ends, its domains are destroyed and its
 * directory is removed. libvirt takes one root per process, so a test file opens one.
 * @param prefix The path of its root, which `mkdtemp` completes.
 */
export async function openEmbed(t: Test, prefix = testDirectoryPrefix): Promise<Connection> {
  const root = await mkdtemp(prefix);
  // QEMU's user must pass, where that is another one.
  await chmod(root, 0o711);
  const remove = () => rm(root, { recursive: true, force: true });
  const connection = await layCapabilities(root)
    .then(() => prepareEmbedRoot(root))
    .then(() => connect(embedUriOf(root)))
    .catch(async (error) => {
      await remove();
      throw error;
    });
  t.teardown(async () => {
    for (const domain of await connection.listDomains({ active: true })) {
      await domain.destroy({ overtake: true });
    }
    await connection.close();
    await remove();
  });
  return connection;
}

/** The virtio-mem device of a domain's XML with another wish. libvirt finds it by its address. */
export function resizedXml(domainXml: string, requestedKib: number): string {
  const device = /<memory model='virtio-mem'>[\s\S]*?<\/memory>/.exec(domainXml)?.[0] ?? '';
  return device.replace(/(<requested unit='KiB'>)\d+/, `$1${requestedKib}`);
}

/**
 * A domain without a kernel or a disk: enough for QEMU's monitor and memory devices, of which it
 * has a virtio-mem of 256 MiB in blocks of 2 MiB.
 */
export const bareDomainXml = (name: string): string => `
  <domain type='qemu'>
    <name>${name}</name>
    <maxMemory slots='1' unit='KiB'>327680</maxMemory>
    <memory unit='KiB'>65536</memory>
    <vcpu>1</vcpu>
    <os><type arch='x86_64' machine='q35'>hvm</type></os>
    <features><acpi/><tcg><tb-cache unit='MiB'>32</tb-cache></tcg></features>
    <cpu mode='maximum'>
      <numa><cell id='0' cpus='0' memory='65536' unit='KiB'/></numa>
    </cpu>
    <devices>
      <controller type='usb' model='none'/>
      <memballoon model='virtio'/>
      <memory model='virtio-mem'>
        <target>
          <size unit='KiB'>262144</size>
          <node>0</node>
          <block unit='KiB'>2048</block>
          <requested unit='KiB'>0</requested>
        </target>
      </memory>
    </devices>
  </domain>`;
