import { type CallOptions, call } from './call.js';
import { keyCodesets, type SendKeyOptions } from './domain-options.js';
import { channelBits, consoleBits, type FlagOptions, graphicsBits, toFlags } from './flags.js';
import { numberOf } from './names.js';
import type { NativeDomain } from './native-domain.js';
import { type LibvirtStream, wrapStream } from './stream.js';

/** How a domain is seen and spoken to from outside: consoles, channels, screens, keys. */
export class DomainConsoles {
  readonly #native: NativeDomain;

  /** @internal */
  constructor(native: NativeDomain) {
    this.#native = native;
  }

  /** Opens a console by the alias of its device; the first one when it is left out. */
  async open(
    device: string | null = null,
    options: FlagOptions<typeof consoleBits> = {},
  ): Promise<LibvirtStream> {
    const flags = toFlags(consoleBits, options);
    const opened = await call(options.signal, (token) =>
      this.#native.openConsole(device, flags, token),
    );
    return wrapStream(opened.stream, options.signal);
  }

  /** Opens a channel to the guest by its name; the first one when it is left out. */
  async openChannel(
    name: string | null = null,
    options: FlagOptions<typeof channelBits> = {},
  ): Promise<LibvirtStream> {
    const flags = toFlags(channelBits, options);
    const opened = await call(options.signal, (token) =>
      this.#native.openChannel(name, flags, token),
    );
    return wrapStream(opened.stream, options.signal);
  }

  /** The picture on a screen, and its type, such as `image/png`. */
  async screenshot(
    screen = 0,
    options: CallOptions = {},
  ): Promise<{ stream: LibvirtStream; type: string }> {
    const { stream, type } = await call(options.signal, (token) =>
      this.#native.screenshot(screen, token),
    );
    return {
      stream: wrapStream(stream, options.signal, 'in'),
      type: type ?? 'application/octet-stream',
    };
  }

  /** Connects to a display; an open socket, which the caller closes. */
  async openGraphics(index = 0, options: FlagOptions<typeof graphicsBits> = {}): Promise<number> {
    const flags = toFlags(graphicsBits, options);
    return call(options.signal, (token) => this.#native.openGraphics(index, flags, token));
  }

  /** Connects a display to an open socket, of which the hypervisor gets a copy. */
  async connectGraphics(
    file: number,
    options: FlagOptions<typeof graphicsBits> & { readonly index?: number | undefined } = {},
  ): Promise<void> {
    const { index = 0, signal } = options;
    const flags = toFlags(graphicsBits, options);
    return call(signal, (token) => this.#native.connectGraphics(index, file, flags, token));
  }

  /** Has the display servers read their certificates anew; from libvirt 10.2 on. */
  async reloadGraphics(options: CallOptions = {}): Promise<void> {
    const anyType = 0;
    return call(options.signal, (token) => this.#native.reloadGraphics(anyType, 0, token));
  }

  /** Presses keys, all at once. */
  async sendKey(keycodes: readonly number[], options: SendKeyOptions = {}): Promise<void> {
    const codeset = numberOf('codeset', keyCodesets, options.codeset ?? 'linux');
    const { holdMs = 0 } = options;
    return call(options.signal, (token) =>
      this.#native.sendKey(codeset, holdMs, keycodes, 0, token),
    );
  }
}
