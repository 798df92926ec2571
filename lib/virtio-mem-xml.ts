/** The virtio-mem devices in a domain's XML, as libvirt writes it. */

/** A device as it is written there. */
export interface VirtioMemXml {
  readonly alias: string;
  readonly sizeKib: number;
  readonly blockKib: number;
  readonly requestedKib: number;
  readonly currentKib: number;
}

const devicePattern = /<memory model='virtio-mem'[^>]*>[\s\S]*?<\/memory>/g;

/** libvirt writes these sizes in KiB, whatever unit they were given in. */
function sizeIn(device: string, element: string): number {
  const found = new RegExp(`<${element} unit='KiB'>(\\d+)</${element}>`).exec(device);
  return Number(found?.[1] ?? 0);
}

const aliasOf = (device: string): string => /<alias name='([^']*)'/.exec(device)?.[1] ?? '';

/** In the order of the XML. */
export function readMemoryDevices(domainXml: string): VirtioMemXml[] {
  return Array.from(domainXml.matchAll(devicePattern), ([device]) => ({
    alias: aliasOf(device),
    sizeKib: sizeIn(device, 'size'),
    blockKib: sizeIn(device, 'block'),
    requestedKib: sizeIn(device, 'requested'),
    currentKib: sizeIn(device, 'current'),
  }));
}

/** The device of that alias with another wish; libvirt finds it by its address. */
export function requestedXml(domainXml: string, alias: string, requestedKib: number): string {
  for (const [device] of domainXml.matchAll(devicePattern)) {
    if (aliasOf(device) === alias) {
      return device.replace(/(<requested unit='KiB'>)\d+/, `$1${requestedKib}`);
    }
  }
  throw new Error(`the domain has no virtio-mem device ${alias}`);
}
