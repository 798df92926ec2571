import { type CallOptions, call } from './call.js';
import type { NativeConnection } from './native-connection.js';
import { type LibvirtStream, wrapStream } from './stream.js';

/** Which part of a volume is meant: all of it, unless this says less. */
export interface VolumeOptions extends CallOptions {
  /** Where it begins; 0 when left out. */
  readonly offsetBytes?: number | undefined;
  /** How long it is at most; up to the volume's end when left out. */
  readonly lengthBytes?: number | undefined;
}

/**
 * Storage volumes, such as the images of disks, by their paths on the host of the hypervisor. The
 * embedded QEMU driver has none: `qemu:///system` and remote connections have.
 */
export class HostStorage {
  readonly #native: NativeConnection;

  /** @internal */
  constructor(native: NativeConnection) {
    this.#native = native;
  }

  /** Makes a pool, from libvirt's XML, that is gone when it is destroyed; gives its name. */
  async createPool(xml: string, options: CallOptions = {}): Promise<string> {
    return call(options.signal, (token) => this.#native.createPool(xml, token));
  }

  /** Forgets a pool; its volumes stay as files. */
  async destroyPool(name: string, options: CallOptions = {}): Promise<void> {
    return call(options.signal, (token) => this.#native.destroyPool(name, token));
  }

  /** Makes a volume, from libvirt's XML, in the pool of that name; gives its path. */
  async createVolume(pool: string, xml: string, options: CallOptions = {}): Promise<string> {
    return call(options.signal, (token) => this.#native.createVolume(pool, xml, token));
  }

  /** Deletes a volume, with what it holds. */
  async deleteVolume(path: string, options: CallOptions = {}): Promise<void> {
    return call(options.signal, (token) => this.#native.deleteVolume(path, token));
  }

  /** A stream to write a volume with, which has taken everything when it has finished. */
  async upload(path: string, options: VolumeOptions = {}): Promise<LibvirtStream> {
    const { offsetBytes = 0, lengthBytes = 0, signal } = options;
    const stream = await call(signal, (token) =>
      this.#native.uploadVolume(path, offsetBytes, lengthBytes, token),
    );
    return wrapStream(stream, signal, 'out');
  }

  /** A stream to read a volume with. */
  async download(path: string, options: VolumeOptions = {}): Promise<LibvirtStream> {
    const { offsetBytes = 0, lengthBytes = 0, signal } = options;
    const stream = await call(signal, (token) =>
      this.#native.downloadVolume(path, offsetBytes, lengthBytes, token),
    );
    return wrapStream(stream, signal, 'in');
  }
}
