/** What a call of libvirt's takes in the binding, and what the same call takes elsewhere. */
import { callNames, measureCalls, type Times, type Turn } from '../calls/contenders.js';
import { lonelyRow, median, type Row, rowOf } from '../row.js';

const turns = 5;

const rowNames = {
  info: 'binding-getinfo',
  memoryStats: 'binding-memorystats',
  queryStatus: 'binding-qmp',
} as const;
type CallName = keyof Times;

export async function calls(): Promise<readonly Row[]> {
  const measured = await measureCalls(turns);
  const delays = measured.map(({ ballast }) => ballast.longestDelayMs);
  return [
    ...callNames.flatMap((name) => rowsOf(name, measured)),
    lonelyRow('binding-loop-delay', delays),
  ];
}

function rowsOf(call: CallName, measured: readonly Turn[]): readonly Row[] {
  const name = rowNames[call];
  const each = (times: (turn: Turn) => Times) => measured.map((turn) => times(turn)[call]);
  const row = (suffix: string, ballast: readonly number[], other: Contender) =>
    rowOf(`${name}${suffix}`, { ballast, against: other.samples }, other.name, 'us');
  const alone = each(({ ballast }) => ballast.alone);
  const together = each(({ ballast }) => ballast.together);
  const threads = Object.keys(measured[0]?.python.together ?? {}).map((count) => ({
    name: `libvirt-python, ${count} threads`,
    samples: each(({ python }) => python.together[count] as Times),
  }));
  return [
    row('', alone, { name: 'a loop in C++', samples: each(({ loop }) => loop) }),
    row('-python', alone, {
      name: 'a loop in libvirt-python',
      samples: each(({ python }) => python.alone),
    }),
    row('-100', together, fastest(threads)),
  ];
}

interface Contender {
  readonly name: string;
  readonly samples: readonly number[];
}

/** As many threads as serve libvirt-python best, so that the comparison is with its best. */
function fastest([first, ...others]: readonly Contender[]): Contender {
  if (first === undefined) throw new Error('libvirt-python was not run from threads');
  return others.reduce(
    (best, other) => (median(other.samples) < median(best.samples) ? other : best),
    first,
  );
}
