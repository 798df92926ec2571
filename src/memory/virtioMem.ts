/** The elastic memory of one domain: a virtio-mem device, set through libvirt, watched over QMP. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Domain } from '../../lib/index.js';

/**
 * The device's alias in libvirt, which is its id in QEMU. libvirt leaves those alone that begin so.
 */
const elasticAlias = 'ua-elastic';

const kibPerMib = 1024;
const bytesPerMib = 1024 * 1024;
/** QEMU throttles its own size events to one a second, so the size is asked for. */
const pollMs = 1;
/** A guest whose unplug got stuck tries again by itself only after 50 s; asking again wakes it. */
const askAgainMs = 250;

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

/** libvirt finds the device that an update means by the address that it gave it. */
function addressIn(domainXml: string): string {
  const device = /<memory model='virtio-mem'>[\s\S]*?<\/memory>/.exec(domainXml)?.[0] ?? '';
  return /<address [^>]*\/>/.exec(device)?.[0] ?? '';
}

export interface Settling {
  readonly pluggedMib: number;
  readonly settled: boolean;
}

export class VirtioMem {
  readonly #domain: Domain;
  readonly #device: ElasticDevice;
  #address: string | null = null;

  constructor(domain: Domain, device: ElasticDevice) {
    this.#domain = domain;
    this.#device = device;
  }

  /** What the guest has plugged now. The host has already discarded whatever is not. */
  async pluggedMib(): Promise<number> {
    const bytes = await this.#domain.qmp<number>('qom-get', {
      path: `/machine/peripheral/${elasticAlias}`,
      property: 'size',
    });
    return bytes / bytesPerMib;
  }

  /**
   * Asks the guest for a size, a multiple of the block. Returns when QEMU knows, not when it is so.
   */
  async request(pluggedMib: number): Promise<void> {
    this.#address ??= addressIn(await this.#domain.xml());
    const xml = elasticXml(this.#device, pluggedMib).replace(
      '</memory>',
      `${this.#address}</memory>`,
    );
    await this.#domain.updateDevice(xml, { live: true });
  }

  /** Waits until the guest has the size, at most `boundMs`, and tells the size reached. */
  async settle(targetMib: number, boundMs: number): Promise<Settling> {
    const started = performance.now();
    let askedAt = started;
    for (;;) {
      const pluggedMib = await this.pluggedMib();
      const now = performance.now();
      if (pluggedMib === targetMib) return { pluggedMib, settled: true };
      if (now - started >= boundMs) return { pluggedMib, settled: false };
      if (now - askedAt >= askAgainMs) {
        await this.request(targetMib);
        askedAt = now;
      }
      await delay(pollMs);
    }
  }
}
