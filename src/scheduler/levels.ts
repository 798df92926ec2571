/**
 * How many calls of a function run at a time. The instance that serves the first of them is used
 * again and again, the one that serves the hundredth only in a burst; so what is known of a
 * function's calls is known for each level by itself. The levels are grouped: 1, 2, 3, 4, 5-6, 7-8,
 * 9-12, 13-16 and so on. Pure.
 */

/** The group of a level, both counted from 1 and 0. */
export function groupOf(level: number): number {
  if (level <= 4) return Math.max(1, level) - 1;
  const power = Math.floor(Math.log2(level - 1));
  const half = level - 1 >= 2 ** power + 2 ** (power - 1) ? 1 : 0;
  return 4 + (power - 2) * 2 + half;
}

/** The lowest level of a group. */
export function lowestOf(group: number): number {
  if (group < 4) return group + 1;
  const power = 2 + Math.floor((group - 4) / 2);
  const half = (group - 4) % 2;
  return 2 ** power + half * 2 ** (power - 1) + 1;
}
