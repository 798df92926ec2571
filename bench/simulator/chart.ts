/** A comparison as a picture: SVG. */
import { draw, faint, grid, ink } from '../drawing.js';
import { type Holding, holdings } from './meter.js';
import { type Comparison, coldShare } from './report.js';
import type { Outcome } from './simulation.js';

const colours: Readonly<Record<Holding, string>> = {
  busy: '#2f6fed',
  hot: '#e07a1f',
  deflated: '#f3c892',
  starting: '#6b4fbb',
  ending: '#cbd2d9',
};
const coldColour = '#1f2933';

export function drawComparison(comparison: Comparison): string {
  const { calls, functions, budgetMib } = comparison;
  // The first stands on top.
  const outcomes = comparison.outcomes.toReversed();
  return draw({
    title: `One day, ${calls} calls of ${functions} functions, ${budgetMib / 1024} GiB`,
    subtitle: 'Left: GiB held on average, by what instances do. Right: cold starts (logarithmic).',
    height: 380,
    option: {
      legend: { left: 110, bottom: 12, itemWidth: 16, itemHeight: 10, data: [...holdings] },
      grid: [
        { left: 110, width: 430, top: 84, bottom: 76 },
        { left: 590, width: 240, top: 84, bottom: 76 },
      ],
      xAxis: [
        { ...valueAxis, type: 'value' as const, min: 0, gridIndex: 0 },
        { ...valueAxis, type: 'log' as const, min: 1, gridIndex: 1 },
      ],
      yAxis: [0, 1].map((gridIndex) => ({
        type: 'category' as const,
        gridIndex,
        data: outcomes.map(({ policy }) => policy),
        axisLabel: { show: gridIndex === 0, color: ink },
        axisTick: { show: false },
      })),
      series: [...holdings.map((holding) => heldSeries(holding, outcomes)), coldSeries(outcomes)],
    },
  });
}

const valueAxis = {
  axisLabel: { color: faint },
  splitLine: { lineStyle: { color: grid } },
};

const secondsPerDay = 24 * 60 * 60;

function heldSeries(holding: Holding, outcomes: readonly Outcome[]) {
  return {
    name: holding,
    type: 'bar' as const,
    stack: 'held',
    color: colours[holding],
    barWidth: 22,
    data: outcomes.map(({ gibSeconds }) => gibSeconds[holding] / secondsPerDay),
  };
}

/** Logarithmic: beside a policy that starts nearly every call cold, others would be a line. */
function coldSeries(outcomes: readonly Outcome[]) {
  return {
    name: 'cold starts',
    type: 'bar' as const,
    xAxisIndex: 1,
    yAxisIndex: 1,
    color: coldColour,
    barWidth: 22,
    label: {
      show: true,
      position: 'right' as const,
      color: ink,
      formatter: ({ dataIndex }: { readonly dataIndex: number }) => {
        const outcome = outcomes[dataIndex] as Outcome;
        return `${outcome.cold} (${(100 * coldShare(outcome)).toFixed(2)} %)`;
      },
    },
    // Nothing has no logarithm.
    data: outcomes.map(({ cold }) => Math.max(1, cold)),
  };
}
