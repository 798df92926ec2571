/** What the first caller of a function waits for, by a clone and by a boot, as a picture: SVG. */
import { draw, faint, grid, ink } from './drawing.js';
import { type ColdStart, type Steps, totalMs } from './rows/cold.js';

const steps: readonly {
  readonly name: string;
  readonly colour: string;
  readonly of: (steps: Steps) => number;
}[] = [
  { name: 'the guest runs', colour: '#2f6fed', of: ({ runningMs }) => runningMs },
  { name: 'the function initialises', colour: '#e07a1f', of: ({ initialisedMs }) => initialisedMs },
  { name: 'it answers', colour: '#6b4fbb', of: ({ answeredMs }) => answeredMs },
];

export function drawColdStarts(starts: readonly ColdStart[]): string {
  // The first stands on top.
  const bars = starts
    .flatMap(({ kind, clone, boot }) => [
      { name: `${kind}, clone`, took: clone },
      { name: `${kind}, boot`, took: boot },
    ])
    .toReversed();
  return draw({
    title: 'From the first request of a function to its answer',
    subtitle: 'Milliseconds, medians. A clone begins with a shell that is ready.',
    height: 400,
    option: {
      legend: { left: 130, bottom: 12, itemWidth: 16, itemHeight: 10 },
      grid: { left: 130, right: 90, top: 84, bottom: 76 },
      xAxis: {
        type: 'value',
        min: 0,
        axisLabel: { color: faint },
        splitLine: { lineStyle: { color: grid } },
      },
      yAxis: {
        type: 'category',
        data: bars.map(({ name }) => name),
        axisLabel: { color: ink },
        axisTick: { show: false },
      },
      series: steps.map(({ name, colour, of }, at) => ({
        name,
        type: 'bar' as const,
        stack: 'steps',
        color: colour,
        barWidth: 22,
        label: { show: at === steps.length - 1, ...totalLabel(bars.map(({ took }) => took)) },
        data: bars.map(({ took }) => of(took)),
      })),
    },
  });
}

/** What all steps took, behind the last. */
function totalLabel(took: readonly Steps[]) {
  return {
    position: 'right' as const,
    color: ink,
    formatter: ({ dataIndex }: { readonly dataIndex: number }) => {
      return `${Math.round(totalMs(took[dataIndex] as Steps))} ms`;
    },
  };
}
