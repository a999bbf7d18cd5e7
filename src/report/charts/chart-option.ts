import { extent } from '../../extent.js';
import type { Axis, Chart, Point, ReferenceLine, Series } from './chart.js';
import { lineColor } from './colors.js';

/** An option of ECharts that is plain JSON, so that it goes into the page as it is. */
export interface ChartOption {
  readonly [key: string]: unknown;
  readonly series: readonly object[];
}

// Pixels between rows of a chart with a row a setting.
const rowHeight = 26;
const cross = 'path://M-5,-5L5,5M-5,5L5,-5';

/** How tall a chart is drawn, in pixels. */
export function chartHeight({ y }: Chart): number {
  return y.scale === 'category' ? 64 + rowHeight * y.categories!.length : 380;
}

/**
 * What ECharts draws of a chart: curves, dots, crosses and axes. Colours of paper and ink come from the theme, tooltips and
 * zooming from the page.
 */
export function chartOption(chart: Chart): ChartOption {
  const { x, y, series, lines } = chart;
  const ends = { x: endOf(chart, 0), y: endOf(chart, 1) };
  return {
    animation: false,
    grid: {
      left: 8,
      right: y.scale === 'category' ? 52 : 24,
      top: y.name === '' ? 8 : 30,
      bottom: 40,
      containLabel: true,
    },
    legend: { show: false, data: legendNames(chart) },
    xAxis: { ...axisOption(x), nameLocation: 'middle', nameGap: 28 },
    yAxis: {
      ...axisOption(y),
      nameLocation: 'end',
      nameTextStyle: { align: 'left', padding: [0, 0, 4, -8] },
      ...(y.scale === 'category' ? { inverse: true, axisTick: { show: false } } : {}),
    },
    series: [
      ...series.flatMap((one, index) => seriesOptions(one, index, ends, y.scale === 'category')),
      ...(lines.length === 0 ? [] : [referenceLines(lines, chart)]),
    ],
  };
}

/** Names for a legend; a chart whose rows are named needs none, and what is in the background has no name there. */
export function legendNames({ series, y }: Chart): string[] {
  if (y.scale === 'category') return [];
  return [...new Set(series.filter(({ opacity }) => opacity > 0.5).map(({ name }) => name))];
}

function axisOption({ name, scale, categories, ticks, zero, max }: Axis): object {
  if (scale === 'category') return { type: 'category', name, data: categories };
  const numbers = ticks === undefined ? {} : { customValues: ticks };
  return {
    type: scale === 'log' ? 'log' : 'value',
    name,
    scale: zero !== true,
    // Between two round numbers its own would only be in their way.
    axisLabel: { hideOverlap: true, ...(max === undefined ? {} : { showMaxLabel: false }) },
    ...(max === undefined ? {} : { max }),
    ...(ticks === undefined
      ? {}
      : {
          axisTick: numbers,
          axisLabel: { ...numbers, hideOverlap: true },
          ...edges(ticks, scale),
        }),
  };
}

function seriesOptions(one: Series, index: number, ends: { x: number; y: number }, named: boolean): object[] {
  const { name, what, color, shape, opacity, points, stack } = one;
  const common = { id: `${index} ${what}`, name, color, z: opacity < 0.5 ? 2 : 3 };
  const finite = points.filter(isFinitePoint).map(rounded);
  const misses = points.filter((point) => !isFinitePoint(point)).map((point) => atEnd(point, ends));
  const style = { color, opacity };
  if (shape === 'bars') {
    return [{ ...common, type: 'bar', stack, barWidth: 12, itemStyle: style, data: finite }];
  }
  if (shape === 'crosses') return [crosses(common, color, finite, undefined)];
  if (shape === 'points') {
    const dots = { ...common, type: 'scatter', symbolSize: 7, itemStyle: style, data: finite };
    const text = named ? one.missed : undefined;
    return [
      ...(finite.length > 0 ? [dots] : []),
      ...(misses.length > 0 ? [crosses({ ...common, id: `${index} missed` }, color, misses, text)] : []),
    ];
  }
  const width = opacity < 0.5 ? 1 : 2;
  const type = shape === 'line' ? 'solid' : shape;
  const symbol = finite.length === 1 ? {} : { showSymbol: false };
  return [{ ...common, type: 'line', ...symbol, lineStyle: { ...style, width, type }, itemStyle: style, data: finite }];
}

function crosses(common: object, color: string, data: readonly Point[], text: string | undefined): object {
  return {
    ...common,
    type: 'scatter',
    symbol: cross,
    symbolSize: 9,
    z: 4,
    itemStyle: { color: 'none', borderColor: color, borderWidth: 2, opacity: 1 },
    ...(text === undefined
      ? {}
      : {
          label: {
            show: true,
            formatter: text,
            position: text.length < 8 ? 'right' : 'left',
            color: lineColor,
            fontSize: 12,
          },
        }),
    data,
  };
}

/** A series of its own, which no legend switches off. Its points make room for lines beyond the curves. */
function referenceLines(lines: readonly ReferenceLine[], chart: Chart): object {
  const [x, y] = [endOf(chart, 0, 1), endOf(chart, 1, 1)];
  return {
    id: 'lines',
    type: 'line',
    showSymbol: false,
    lineStyle: { opacity: 0 },
    data: lines.map(({ axis, at }) => (axis === 'y' ? [x, at] : [at, y])),
    markLine: {
      silent: true,
      symbol: 'none',
      lineStyle: { color: lineColor, type: 'dashed', width: 1 },
      label: { position: 'insideStartTop', color: lineColor, fontSize: 12 },
      data: lines.map(({ name, axis, at }) => ({
        ...(axis === 'y' ? { yAxis: at } : { xAxis: at }),
        label: { formatter: name },
      })),
    },
  };
}

/** Where misses are drawn: a little beyond the largest finite value. */
function endOf({ x, y, series, lines }: Chart, index: 0 | 1, beyond = 1.08): number {
  const values = [
    ...series.flatMap(({ points }) => points.map((point) => point[index])),
    ...lines.filter(({ axis }) => axis === (index === 0 ? 'x' : 'y')).map(({ at }) => at),
  ].filter((value) => typeof value === 'number' && Number.isFinite(value)) as number[];
  if (values.length === 0) return 1;
  const [low, high] = extent(values);
  const { scale, zero } = index === 0 ? x : y;
  if (scale === 'log') return high * beyond;
  return high + (beyond - 1) * (zero === true ? high : high - low || high);
}

/** An axis that leaves some room beyond its ticks. */
function edges(ticks: readonly number[], scale: Axis['scale']): { min: number; max: number } {
  const [low, high] = extent(ticks);
  if (scale === 'log') return { min: low / 1.25, max: high * 1.25 };
  const room = 0.05 * (high - low);
  return { min: low - room, max: high + room };
}

function isFinitePoint(point: Point): boolean {
  return point.every((value) => typeof value === 'string' || Number.isFinite(value));
}

function atEnd([x, y]: Point, ends: { x: number; y: number }): Point {
  return [
    Number.isFinite(x) || typeof x === 'string' ? x : ends.x,
    Number.isFinite(y) || typeof y === 'string' ? y : ends.y,
  ];
}

/** Enough digits to draw and to read; the CSV file has all of them. */
function rounded(point: Point): Point {
  const [x, y] = point.map((value) => (typeof value === 'number' ? Number(value.toPrecision(6)) : value));
  return [x!, y!];
}
