/** A virtual machine that boots the guest image's Linux, for tests that need a guest's drivers. */
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Connection, Domain } from '../../lib/index.js';
import { openEmbed } from './embed.js';
import { testDirectoryPrefix } from './testDirectory.js';

interface Test {
  teardown(handler: () => Promise<void>): unknown;
}

/** Whether there is a guest image to boot; without one its tests are skipped. */
export const imageIsBuilt = (): boolean => existsSync('build/image/image.json');

/** Files that QEMU, which runs as another user, can open. */
export class GuestFiles {
  readonly directory: string;

  private constructor(directory: string) {
    this.directory = directory;
  }

  static async create(t: Test): Promise<GuestFiles> {
    const directory = await mkdtemp(testDirectoryPrefix);
    await chmod(directory, 0o777);
    t.teardown(() => rm(directory, { recursive: true, force: true }));
    return new GuestFiles(directory);
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  async copy(name: string): Promise<void> {
    await copyFile(join('build/image', name), this.path(name));
    await chmod(this.path(name), 0o644);
  }

  /** An empty raw disk. */
  async disk(name: string, sizeBytes: number): Promise<string> {
    await writeFile(this.path(name), '');
    await truncate(this.path(name), sizeBytes);
    await chmod(this.path(name), 0o666);
    return this.path(name);
  }
}

const diskXml = (path: string, target: string, more = ''): string => `
  <disk type='file' device='disk'>
    <driver name='qemu' type='raw'/><source file='${path}'/><target dev='${target}' bus='virtio'/>
    ${more}
  </disk>`;

export const extraDiskXml = (path: string): string =>
  diskXml(path, 'vdd', "<alias name='ua-extra'/>");

/** An empty drive, or one with a disk in it. */
export const cdromXml = (path?: string): string => `
  <disk type='file' device='cdrom'>
    ${path === undefined ? '' : `<driver name='qemu' type='raw'/><source file='${path}'/>`}
    <target dev='sda' bus='sata'/><readonly/>
  </disk>`;

const rootPorts = (count: number): string =>
  "<controller type='pci' model='pcie-root'/>" +
  "<controller type='pci' model='pcie-root-port'/>".repeat(count);

/** The image's agent waits at its port for a host, which keeps the guest running. */
export const agentPort = 'io.ballast.agent';

const rootDisk = '<readonly/><shareable/><serial>ballast-root</serial>';

const guestXml = (name: string, files: GuestFiles): string => `
  <domain type='qemu'>
    <name>${name}</name>
    <maxMemory slots='1' unit='KiB'>917504</maxMemory>
    <memory unit='KiB'>393216</memory>
    <vcpu current='1'>2</vcpu>
    <iothreads>1</iothreads>
    <os>
      <type arch='x86_64' machine='q35'>hvm</type>
      <kernel>${files.path('vmlinuz')}</kernel>
      <initrd>${files.path('initramfs.img')}</initrd>
      <cmdline>console=ttyS0 panic=-1 swiotlb=noforce init_on_alloc=0
        memhp_default_state=online_movable</cmdline>
    </os>
    <features><acpi/><apic/><tcg><tb-cache unit='MiB'>64</tb-cache></tcg></features>
    <cpu mode='maximum'>
      <numa><cell id='0' cpus='0-1' memory='393216' unit='KiB'/></numa>
    </cpu>
    <devices>
      <controller type='usb' model='none'/>
      ${rootPorts(10)}
      ${diskXml(files.path('root.erofs'), 'vda', rootDisk)}
      ${diskXml(files.path('disk'), 'vdb')}
      ${cdromXml()}
      <serial type='pty'/>
      <channel type='unix'><target type='virtio' name='${agentPort}'/></channel>
      <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
      <graphics type='vnc' socket='${files.path('vnc')}'/>
      <video><model type='vga'/></video>
      <memballoon model='virtio'/>
      <memory model='virtio-mem'>
        <target>
          <size unit='KiB'>524288</size><node>0</node>
          <block unit='KiB'>2048</block><requested unit='KiB'>0</requested>
        </target>
      </memory>
    </devices>
  </domain>`;

/** Creates the guest, paused: what is to be seen of its boot can be listened to first. */
export async function createLinuxGuest(
  t: Test,
  name: string,
): Promise<{ connection: Connection; domain: Domain; files: GuestFiles; xml: string }> {
  const connection = await openEmbed(t);
  const files = await GuestFiles.create(t);
  for (const file of ['vmlinuz', 'initramfs.img', 'root.erofs']) await files.copy(file);
  await files.disk('disk', 16 * 1024 * 1024);
  const xml = guestXml(name, files);
  const domain = await connection.createDomain(xml, { paused: true });
  return { connection, domain, files, xml };
}
