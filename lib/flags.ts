/** libvirt's flags: their bits, under the names that the options have in `lib/`. */

/** Adds the bits of the options that are true. */
export function toFlags<B extends Readonly<Record<string, number>>>(
  bits: B,
  options: { readonly [Name in keyof B]?: boolean | undefined },
): number {
  let flags = 0;
  for (const [name, bit] of Object.entries(bits)) {
    if (options[name] === true) flags |= bit;
  }
  return flags;
}

/** `virDomainCreateFlags` */
export const startBits = { paused: 1, autoDestroy: 2, validate: 16 } as const;
/** `virDomainDefineFlags` */
export const defineBits = { validate: 1 } as const;
/** `virDomainXMLFlags` */
export const xmlBits = { secure: 1, inactive: 2, updateCpu: 4, migratable: 8 } as const;
/** `virDomainShutdownFlagValues` */
export const shutdownBits = { acpi: 1, guestAgent: 2 } as const;
/** `virDomainDestroyFlagsValues` */
export const destroyBits = { graceful: 1, removeLogs: 2 } as const;
/** `virDomainUndefineFlagsValues` */
export const undefineBits = {
  managedSave: 1,
  snapshotsMetadata: 2,
  nvram: 4,
  keepNvram: 8,
  checkpointsMetadata: 16,
} as const;
/** `virDomainModificationImpact`; neither bit means the current state, whichever that is. */
export const impactBits = { live: 1, config: 2 } as const;
/** `virDomainMemoryModFlags` */
export const memoryBits = { ...impactBits, maximum: 4 } as const;
/** `virDomainDeviceModifyFlags` */
export const deviceBits = { ...impactBits, force: 4 } as const;
/** `virConnectListAllDomainsFlags` */
export const listBits = {
  active: 1,
  inactive: 2,
  persistent: 4,
  transient: 8,
  running: 16,
  paused: 32,
  shutoff: 64,
} as const;
