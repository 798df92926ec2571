import { type CallOptions, call } from './call.js';
import { dumpBits, type FlagOptions, saveBits, savedXmlBits, toFlags } from './flags.js';
import { numberOf } from './names.js';
import type { NativeDomain } from './native-domain.js';
import { saveSchema } from './param-schemas.js';
import { toParams } from './typed-params.js';

/** `virDomainCoreDumpFormat` */
const dumpFormats = ['raw', 'kdump-zlib', 'kdump-lzo', 'kdump-snappy', 'win-dmp'] as const;

/** The format of a core dump: `virDomainCoreDumpFormat` by name. */
export type DumpFormat = (typeof dumpFormats)[number];

/** How a domain's state is saved or restored. */
export interface SaveOptions extends FlagOptions<typeof saveBits> {
  /** The definition that goes with the image, instead of the domain's. */
  readonly xml?: string | undefined;
}

/** How memory is dumped. */
export interface DumpOptions extends FlagOptions<typeof dumpBits> {
  /** `raw`; the others only with `memoryOnly`. */
  readonly format?: DumpFormat | undefined;
}

/** A domain's state in files: the image that its next start restores, and others. */
export class DomainSaves {
  readonly #native: NativeDomain;

  /** @internal */
  constructor(native: NativeDomain) {
    this.#native = native;
  }

  /** Writes the state to a file and stops the domain; `Connection.restoreDomain` undoes it. */
  async toFile(path: string, options: SaveOptions = {}): Promise<void> {
    const { xml = null } = options;
    const flags = toFlags(saveBits, options);
    return call(options.signal, (token) => this.#native.save(path, xml, flags, token));
  }

  /** As `toFile`, by libvirt's newer function, which takes typed parameters. */
  async toFileWith(path: string, options: SaveOptions = {}): Promise<void> {
    const flags = toFlags(saveBits, options);
    const list = toParams(saveSchema, { path, xml: options.xml });
    return call(options.signal, (token) => this.#native.saveWith(list, flags, token));
  }

  /** Saves the state where libvirt finds it when the domain is started. */
  async managed(options: FlagOptions<typeof saveBits> = {}): Promise<void> {
    const flags = toFlags(saveBits, options);
    return call(options.signal, (token) => this.#native.managedSave(flags, token));
  }

  /** Whether there is a state that libvirt keeps, which the next `start` goes on from. */
  async hasManaged(options: CallOptions = {}): Promise<boolean> {
    return call(options.signal, (token) => this.#native.hasManagedSave(0, token));
  }

  /** Drops the state that libvirt keeps; the next `start` boots. */
  async removeManaged(options: CallOptions = {}): Promise<void> {
    return call(options.signal, (token) => this.#native.removeManagedSave(0, token));
  }

  /** The definition in the managed image. */
  async managedXml(options: FlagOptions<typeof savedXmlBits> = {}): Promise<string> {
    const flags = toFlags(savedXmlBits, options);
    return call(options.signal, (token) => this.#native.managedSaveXml(flags, token));
  }

  /** Changes the definition in the state that libvirt keeps. */
  async defineManagedXml(
    xml: string,
    options: Pick<SaveOptions, 'running' | 'paused' | 'signal'> = {},
  ): Promise<void> {
    const flags = toFlags(saveBits, options);
    return call(options.signal, (token) => this.#native.defineManagedSaveXml(xml, flags, token));
  }

  /** Writes the memory to a file for a debugger. */
  async coreDump(path: string, options: DumpOptions = {}): Promise<void> {
    const format = numberOf('format', dumpFormats, options.format ?? 'raw');
    const flags = toFlags(dumpBits, options);
    return call(options.signal, (token) => this.#native.coreDump(path, format, flags, token));
  }
}
