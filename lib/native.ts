/**
 * The addon. Plain data crosses: absent is `null`, flags are libvirt's bits, sizes are KiB.
 * Defaults and names are made in the other files of `lib/`. `native-connection.ts` and
 * `native-domain.ts` declare what can be called, in the order of `native/`.
 */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { NativeConnection } from './native-connection.js';
import type { Method, NativeAuthenticate, NativeCancelToken } from './native-types.js';

interface Native {
  CancelToken: new () => NativeCancelToken;
  connect: Method<
    [
      uri: string,
      flags: number,
      busyPollUs: number,
      asks: boolean,
      authenticate: NativeAuthenticate | null,
    ],
    NativeConnection
  >;
}

function load(): Native {
  const built = fileURLToPath(new URL('../Release/ballast_libvirt.node', import.meta.url));
  const path = process.env.BALLAST_LIBVIRT_ADDON ?? built;
  try {
    return createRequire(import.meta.url)(path) as Native;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(
      `The libvirt addon ${path} cannot be loaded: ${reason}. ` +
        'Build it with "npm rebuild ballast", or with "make native" in a checkout; ' +
        'that needs libvirt-dev, pkg-config and a C++20 compiler.',
      { cause },
    );
  }
}

export const native: Native = load();
