/** A picture of one instance through a series of requests: the size asked, plugged and resident. */
import { setTimeout as delay } from 'node:timers/promises';
import type { FunctionRecord } from '../src/model/function.js';
import type { Instance } from '../src/pool/instance.js';
import { draw, faint, grid, ink } from './drawing.js';
import { type Ground, invoke } from './ground.js';

const sampleMs = 20;
const pauseMs = 2_500;
const bootMib = 128;
/** So that filling memory does not take minutes of a small size's share of the processor. */
const wholeVcpu = 1000;

/** Sizes, in MiB: what is asked for, and what the function fills and frees again. */
const requests = [
  { askedMib: 512, filledMib: 400 },
  { askedMib: 256, filledMib: 150 },
  { askedMib: 1024, filledMib: 800 },
  { askedMib: 640, filledMib: 300 },
  { askedMib: 128, filledMib: 40 },
] as const;

interface Sample {
  readonly atMs: number;
  readonly askedMib: number;
  readonly pluggedMib: number;
  readonly residentMib: number;
}

interface Mark {
  readonly atMs: number;
  readonly what: string;
}

interface Course {
  readonly samples: readonly Sample[];
  readonly marks: readonly Mark[];
  readonly floorMib: number;
}

/** SVG. */
export async function picture(ground: Ground, fn: FunctionRecord): Promise<string> {
  const instance = await ground.boot(fn, bootMib);
  try {
    return drawCourse(await follow(ground, instance));
  } finally {
    await ground.end(instance);
  }
}

async function follow(ground: Ground, instance: Instance): Promise<Course> {
  const samples: Sample[] = [];
  const marks: Mark[] = [];
  const startedMs = performance.now();
  const now = () => performance.now() - startedMs;
  let askedMib = bootMib;
  let isOver = false;
  const watching = (async () => {
    while (!isOver) {
      const { pluggedMib } = instance.transaction?.size ?? instance.size;
      const residentMib = (await instance.resident())?.residentMib ?? 0;
      samples.push({ atMs: now(), askedMib, pluggedMib, residentMib });
      await delay(sampleMs);
    }
  })();
  await delay(pauseMs);
  for (const request of requests) {
    askedMib = request.askedMib;
    marks.push({ atMs: now(), what: `${askedMib} MiB` });
    await instance.resize(askedMib, wholeVcpu);
    await invoke(instance, { mib: request.filledMib });
    await delay(pauseMs);
  }
  marks.push({ atMs: now(), what: 'deflated' });
  await instance.deflate();
  askedMib = instance.size.limitMib;
  await delay(pauseMs);
  isOver = true;
  await watching;
  return { samples, marks, floorMib: ground.charges.geometry.floorMib };
}

const colours = { asked: '#1f2933', plugged: '#2f6fed', resident: '#e07a1f' };

function drawCourse({ samples, marks, floorMib }: Course): string {
  const line = (name: string, color: string, of: (sample: Sample) => number) => ({
    name,
    type: 'line' as const,
    showSymbol: false,
    color,
    data: samples.map((sample) => [sample.atMs / 1000, of(sample)]),
  });
  return draw({
    title: 'One instance through a series of requests',
    subtitle:
      `MiB. Resident is all that the host has given to its QEMU: the floor of ${floorMib} MiB ` +
      'and QEMU itself come on top of what is plugged.',
    height: 440,
    option: {
      legend: { right: 28, top: 18, itemWidth: 22, itemHeight: 10, itemGap: 22, icon: 'roundRect' },
      grid: { left: 64, right: 28, top: 96, bottom: 52 },
      xAxis: {
        type: 'value',
        name: 'seconds',
        nameLocation: 'middle',
        nameGap: 28,
        max: 'dataMax',
        axisLabel: { color: faint, showMaxLabel: false },
        splitLine: { show: false },
      },
      yAxis: {
        type: 'value',
        min: 0,
        axisLabel: { color: faint },
        splitLine: { lineStyle: { color: grid } },
      },
      series: [
        {
          ...line('resident', colours.resident, ({ residentMib }) => residentMib),
          areaStyle: { opacity: 0.12 },
        },
        {
          ...line('plugged', colours.plugged, ({ pluggedMib }) => pluggedMib),
          step: 'end',
          lineStyle: { width: 3 },
        },
        {
          ...line('asked', colours.asked, ({ askedMib }) => askedMib),
          step: 'end',
          lineStyle: { width: 1.5, type: [4, 4] },
          markLine: {
            symbol: 'none',
            silent: true,
            lineStyle: { color: '#cbd2d9', type: 'solid', width: 1 },
            label: { color: ink, fontSize: 12, formatter: '{b}', position: 'end' },
            data: marks.map(({ atMs, what }) => ({ xAxis: atMs / 1000, name: what })),
          },
        },
      ],
    },
  });
}
