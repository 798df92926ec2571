/** The groups of rows that there are, and which of them a run measures. */
export const groups = [
  'calls',
  'resizes',
  'burst',
  'invocations',
  'cold',
  'placement',
  'trace-day',
] as const;

export type Group = (typeof groups)[number];

/** These are measured on real VMs. */
const onGround: readonly Group[] = ['resizes', 'burst', 'invocations', 'cold'];

/**
 * @param text Names of groups with commas between; all of them where nothing is given
 * @throws RangeError with what is allowed
 */
export function chosenGroups(text: string | undefined): ReadonlySet<Group> {
  if (text === undefined || text === '') return new Set(groups);
  return new Set(text.split(',').map(groupOf));
}

export function needsGround(chosen: ReadonlySet<Group>): boolean {
  return onGround.some((group) => chosen.has(group));
}

function groupOf(name: string): Group {
  const group = groups.find((known) => known === name);
  if (group !== undefined) return group;
  throw new RangeError(`BENCH_ONLY has '${name}'; allowed are ${groups.join(', ')}.`);
}
