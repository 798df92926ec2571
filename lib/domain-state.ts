/** `virDomainState`, by number. */
const names = [
  'nostate',
  'running',
  'blocked',
  'paused',
  'shutdown',
  'shutoff',
  'crashed',
  'pmsuspended',
] as const;

/** `virDomainState` by name. */
export type DomainState = (typeof names)[number];

/** A state that this libvirt does not know is `nostate`. */
export function toDomainState(state: number): DomainState {
  return names[state] ?? 'nostate';
}
