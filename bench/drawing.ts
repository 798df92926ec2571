/** What all pictures of the benchmarks have in common. */
import * as echarts from 'echarts';

export const ink = '#1f2933';
export const faint = '#7b8794';
export const grid = '#e4e7eb';

export interface Drawing {
  readonly title: string;
  readonly subtitle: string;
  /** Pixels. */
  readonly height: number;
  /** The rest of the chart, as ECharts takes it. */
  readonly option: echarts.EChartsOption;
}

/** SVG. */
export function draw({ title, subtitle, height, option }: Drawing): string {
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: 960, height });
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    textStyle: { fontFamily: 'Helvetica, Arial, sans-serif', color: ink },
    title: {
      text: title,
      subtext: subtitle,
      left: 24,
      top: 14,
      textStyle: { fontSize: 17, color: ink },
      subtextStyle: { fontSize: 12, color: faint },
    },
    ...option,
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return `${svg}\n`;
}
