/** What a call of libvirt's takes in the binding, and what the same call takes elsewhere. */
import { callNames, measureCalls, type Times, type Turn } from '../calls/contenders.js';
import { lonelyRow, type Row, rowOf } from '../row.js';

const turns = 5;

const rowNames = {
  info: 'binding-getinfo',
  memoryStats: 'binding-memorystats',
  queryStatus: 'binding-qmp',
} as const;
type CallName = keyof Times;

/** How many calls are made at a time: each by a thread in Python. */
const inFlight = [20, 100] as const;

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
  const loop = { name: 'a loop in C++', samples: each(({ loop }) => loop) };
  const alone = each(({ ballast }) => ballast.alone.sleeping);
  return [
    row('', alone, loop),
    row(
      '-polled',
      each(({ ballast }) => ballast.alone.looking),
      loop,
    ),
    row('-python', alone, {
      name: 'a loop in libvirt-python',
      samples: each(({ python }) => python.alone),
    }),
    ...inFlight.map((count) =>
      row(
        `-${count}`,
        each(({ ballast }) => ballast.together[count]),
        {
          name: `libvirt-python, ${count} threads`,
          samples: each(({ python }) => python.together[count]),
        },
      ),
    ),
  ];
}

interface Contender {
  readonly name: string;
  readonly samples: readonly number[];
}
