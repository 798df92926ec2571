/** The name of one of libvirt's numbers; one that this libvirt does not know is `unknown`. */
export const nameOf = <T extends string>(names: readonly T[], value: unknown): T | 'unknown' =>
  names[Number(value)] ?? 'unknown';

/** The number of a name; a name that is not listed is a `RangeError`. */
export function numberOf<T extends string>(what: string, names: readonly T[], name: T): number {
  const number = names.indexOf(name);
  if (number >= 0) return number;
  throw new RangeError(`${what} must be one of ${names.join(', ')}, not ${String(name)}`);
}
