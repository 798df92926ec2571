/** The elastic memory of one domain: a virtio-mem device, set through libvirt, watched over QMP. */
import type { Domain } from '../../lib/index.js';
import { answered } from './answered.js';
import { answerMs, type Elastic, type Settling } from './elastic.js';
import { settle } from './settle.js';

/**
 * The device's alias in libvirt, which is its id in QEMU. libvirt leaves those alone that begin so.
 */
const elasticAlias = 'ua-elastic';

const kibPerMib = 1024;
const bytesPerMib = 1024 * 1024;

export interface ElasticDevice {
  readonly sizeMib: number;
  readonly blockMib: number;
}

/** The device as libvirt's XML has it, with `requestedMib` as its wish. */
export function elasticXml(device: ElasticDevice, requestedMib: number): string {
  return (
    "<memory model='virtio-mem'><target>" +
    `<size unit='KiB'>${device.sizeMib * kibPerMib}</size><node>0</node>` +
    `<block unit='KiB'>${device.blockMib * kibPerMib}</block>` +
    `<requested unit='KiB'>${requestedMib * kibPerMib}</requested>` +
    `</target><alias name='${elasticAlias}'/></memory>`
  );
}

/**
 * The device as a running domain has it. libvirt finds the device that an update means by the
 * addresses that it gave it, and refuses to change anything but the wish.
 */
function deviceIn(domainXml: string): string {
  const device = /<memory model='virtio-mem'>[\s\S]*?<\/memory>/.exec(domainXml)?.[0];
  if (device === undefined) throw new Error('The domain has no virtio-mem device.');
  return device;
}

export class VirtioMem implements Elastic {
  readonly mechanism = 'virtio-mem';
  #domain: Domain;
  #xml: string | null = null;
  #askedMib: number | null;

  /** @param askedMib The wish that the domain was created with. */
  constructor(domain: Domain, askedMib: number) {
    this.#domain = domain;
    this.#askedMib = askedMib;
  }

  get askedMib(): number | null {
    return this.#askedMib;
  }

  /** The host has already discarded whatever is not plugged. */
  pluggedMib(): Promise<number> {
    return answered(answerMs, (signal) => this.#pluggedMib(signal));
  }

  request(pluggedMib: number): Promise<void> {
    return answered(answerMs, (signal) => this.#request(pluggedMib, signal));
  }

  settle(targetMib: number, boundMs: number): Promise<Settling> {
    return answered(boundMs + answerMs, (signal) => {
      const look = () => this.#pluggedMib(signal);
      const askAgain = () => this.#request(targetMib, signal);
      return settle({ look, askAgain }, targetMib, boundMs);
    });
  }

  rebind(domain: Domain): void {
    this.#domain = domain;
  }

  /** QEMU discards a block before it tells that it is unplugged. */
  async returnsMemory(): Promise<boolean> {
    return true;
  }

  async #pluggedMib(signal: AbortSignal): Promise<number> {
    const size = { path: `/machine/peripheral/${elasticAlias}`, property: 'size' };
    return (await this.#domain.qmp<number>('qom-get', size, { signal })) / bytesPerMib;
  }

  async #request(pluggedMib: number, signal: AbortSignal): Promise<void> {
    this.#xml ??= deviceIn(await this.#domain.xml({ signal }));
    const wish = `$1${pluggedMib * kibPerMib}`;
    const xml = this.#xml.replace(/(<requested unit='KiB'>)\d+/, wish);
    this.#askedMib = null;
    await this.#domain.updateDevice(xml, { live: true, signal });
    this.#askedMib = pluggedMib;
  }
}
