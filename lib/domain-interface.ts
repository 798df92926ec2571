import { type CallOptions, call } from './call.js';
import type { InterfaceStats } from './domain-answers.js';
import type { ImpactOptions } from './domain-options.js';
import { impactBits, toFlags } from './flags.js';
import { nameOf } from './names.js';
import type { NativeDomain } from './native-domain.js';
import { type Bandwidth, bandwidthSchema } from './param-schemas.js';
import { fromParams, toParams } from './typed-params.js';

/** `virDomainInterfaceAddressesSource` */
const addressSources = ['lease', 'agent', 'arp'] as const;

/** Who is asked for addresses: the host's DHCP server, the guest agent, the host's ARP table. */
export type AddressSource = (typeof addressSources)[number];

/** `virIPAddrType` */
const families = ['ipv4', 'ipv6'] as const;

/** The addresses of a network interface. */
export interface InterfaceAddresses {
  readonly name: string;
  readonly mac: string | null;
  readonly addresses: readonly {
    readonly family: 'ipv4' | 'ipv6' | 'unknown';
    readonly address: string;
    /** The length of the network's prefix in bits. */
    readonly prefix: number;
  }[];
}

/** The addresses of a domain's interfaces. */
export async function readAddresses(
  native: NativeDomain,
  source: AddressSource,
  signal: AbortSignal | undefined,
): Promise<InterfaceAddresses[]> {
  const number = addressSources.indexOf(source);
  if (number < 0) {
    throw new RangeError(`source must be one of ${addressSources.join(', ')}, not ${source}`);
  }
  const interfaces = await call(signal, (token) => native.interfaceAddresses(number, token));
  return interfaces.map(({ addresses, ...rest }) => ({
    ...rest,
    addresses: addresses.map(({ type, ...address }) => ({
      family: nameOf(families, type),
      ...address,
    })),
  }));
}

/** A network interface of a domain, by its name on the host (`vnet0`) or its MAC address. */
export class DomainInterface {
  readonly device: string;
  readonly #native: NativeDomain;

  /** @internal */
  constructor(native: NativeDomain, device: string) {
    this.#native = native;
    this.device = device;
  }

  /** What it received and sent since the domain started. */
  async stats(options: CallOptions = {}): Promise<InterfaceStats> {
    return call(options.signal, (token) => this.#native.interfaceStats(this.device, token));
  }

  /** Its limits on transfers. */
  async bandwidth(options: ImpactOptions = {}): Promise<Bandwidth> {
    const flags = toFlags(impactBits, options);
    const params = await call(options.signal, (token) =>
      this.#native.interfaceParameters(this.device, flags, token),
    );
    return fromParams(bandwidthSchema, params);
  }

  /** Sets limits on transfers; what is left out stays as it is. */
  async setBandwidth(bandwidth: Bandwidth, options: ImpactOptions = {}): Promise<void> {
    const flags = toFlags(impactBits, options);
    const list = toParams(bandwidthSchema, bandwidth);
    return call(options.signal, (token) =>
      this.#native.setInterfaceParameters(this.device, list, flags, token),
    );
  }
}
