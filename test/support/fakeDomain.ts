/** A domain with one elastic device, without libvirt or QEMU, whose guest does as it is told. */
import type { CallOptions, Domain, UpdateDeviceOptions } from '../../lib/index.js';

const bytesPerMib = 1024 * 1024;
const kibPerMib = 1024;

/** The device with a wish, as newer versions of libvirt describe it: with two addresses. */
export const elasticDeviceXml = (requestedMib: number): string => `
    <memory model='virtio-mem'>
      <target>
        <size unit='KiB'>1048576</size>
        <node>0</node>
        <block unit='KiB'>2048</block>
        <requested unit='KiB'>${requestedMib * kibPerMib}</requested>
        <current unit='KiB'>2048</current>
        <address base='0x100000000'/>
      </target>
      <alias name='ua-elastic'/>
      <address type='pci' domain='0x0000' bus='0x07' slot='0x00' function='0x0'/>
    </memory>`;

const domainXml = (requestedMib: number): string => `<domain type='qemu' id='1'>
  <devices>
    <memory model='dimm'>
      <address type='dimm' slot='0' base='0x100000000'/>
    </memory>${elasticDeviceXml(requestedMib)}
    <memory model='virtio-pmem'>
      <address type='pci' domain='0x0000' bus='0x08' slot='0x00' function='0x0'/>
    </memory>
  </devices>
</domain>`;

export class FakeDomain {
  readonly name = 'ballast-i-fake';
  readonly uuid = '5c0f6c52-4f0c-4d5e-9a55-3b6f0f7f6a10';
  /** What QEMU would say is plugged. */
  pluggedMib: number;
  /** Runs when the guest is asked for a size; one that throws refuses. It obeys at once. */
  onAsk: (askedMib: number) => void | Promise<void> = (askedMib) => {
    this.pluggedMib = askedMib;
  };
  /** Runs before each look at the size; one that throws is QEMU's error. */
  onLook: () => void = () => {};
  /** QEMU does not answer any more. */
  hangs = false;
  /** What libvirt describes it as. */
  description: string;
  /** How often libvirt's XML was read. */
  xmlReads = 0;
  /** The devices that were sent, and how. */
  readonly updates: { readonly xml: string; readonly options: UpdateDeviceOptions }[] = [];
  /** What QEMU answers to other commands than those for a size. */
  readonly answers = new Map<string, unknown>([['query-migrate', { status: 'completed' }]]);
  /** Commands of QEMU's monitor. */
  readonly commands: { readonly command: string; readonly args: object }[] = [];

  constructor(pluggedMib = 0) {
    this.pluggedMib = pluggedMib;
    this.description = domainXml(pluggedMib);
  }

  /** As what it stands in for; whatever else is called of it fails the test. */
  get domain(): Domain {
    return this as unknown as Domain;
  }

  /** The sizes that were asked for, in order. */
  get asked(): number[] {
    return this.updates.map(({ xml }) => requestedMibIn(xml));
  }

  async xml(): Promise<string> {
    this.xmlReads += 1;
    return this.description;
  }

  async updateDevice(xml: string, options: UpdateDeviceOptions): Promise<void> {
    this.updates.push({ xml, options });
    await this.onAsk(requestedMibIn(xml));
  }

  async qmp(command: string, args: object, { signal }: CallOptions): Promise<unknown> {
    this.commands.push({ command, args });
    this.onLook();
    if (this.hangs) await abortOf(signal);
    return this.answers.get(command) ?? this.pluggedMib * bytesPerMib;
  }
}

/** Rejects as the binding does. Without a signal it would hang, as the binding would. */
function abortOf(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason));
  });
}

function requestedMibIn(deviceXml: string): number {
  const kib = /<requested unit='KiB'>(\d+)<\/requested>/.exec(deviceXml)?.[1];
  return Number(kib) / kibPerMib;
}
