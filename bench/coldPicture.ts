/** What the first caller of a function waits for, by a clone and by a boot, as a picture: SVG. */
import * as echarts from 'echarts';
import type { ColdStart, Steps } from './rows/cold.js';

const ink = '#1f2933';
const faint = '#7b8794';

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
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: 960, height: 400 });
  // The first stands on top.
  const bars = starts
    .flatMap(({ kind, clone, boot }) => [
      { name: `${kind}, clone`, took: clone },
      { name: `${kind}, boot`, took: boot },
    ])
    .toReversed();
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    textStyle: { fontFamily: 'Helvetica, Arial, sans-serif', color: ink },
    title: {
      text: 'From the first request of a function to its answer',
      subtext: 'Milliseconds, medians. A clone begins with a shell that is ready.',
      left: 24,
      top: 14,
      textStyle: { fontSize: 17, color: ink },
      subtextStyle: { fontSize: 12, color: faint },
    },
    legend: { left: 130, bottom: 12, itemWidth: 16, itemHeight: 10 },
    grid: { left: 130, right: 90, top: 84, bottom: 76 },
    xAxis: {
      type: 'value',
      min: 0,
      axisLabel: { color: faint },
      splitLine: { lineStyle: { color: '#e4e7eb' } },
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
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return `${svg}\n`;
}

/** What all steps took, behind the last. */
function totalLabel(took: readonly Steps[]) {
  return {
    position: 'right' as const,
    color: ink,
    formatter: ({ dataIndex }: { readonly dataIndex: number }) => {
      const each = steps.map(({ of }) => of(took[dataIndex] as Steps));
      return `${Math.round(each.reduce((sum, one) => sum + one, 0))} ms`;
    },
  };
}
