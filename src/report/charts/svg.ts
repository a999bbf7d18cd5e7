import { init } from 'echarts';
import type { Chart } from './chart.js';
import { chartHeight, chartOption, legendNames } from './chart-option.js';
import { chartTheme, papers, type Paper } from './themes.js';

const width = 760;
const titleHeight = 34;
const legendRow = 22;

/** A chart by itself with title and legend, on white paper if not on another; the same text for the same chart. */
export function chartSvg(chart: Chart, paper: Paper = papers.light): string {
  const names = legendNames(chart);
  const legendHeight = legendRow * rowsOf(names);
  const option = chartOption(chart);
  const grid = { ...(option.grid as { top: number }), ...roomForNames(chart) };
  const height = chartHeight(chart) + titleHeight + legendHeight;
  const theme = { ...chartTheme(paper), backgroundColor: paper.background };
  const drawing = init(null, theme, { renderer: 'svg', ssr: true, width, height });
  drawing.setOption({
    ...option,
    title: { text: chart.title, left: 8, top: 8, textStyle: { fontSize: 15, fontWeight: 600 } },
    legend: {
      show: names.length > 1,
      // Several curves have a name, the first of them may be a faint one.
      data: names.map((name) => ({ name, itemStyle: { opacity: 1 }, lineStyle: { opacity: 1, width: 2 } })),
      left: 4,
      top: titleHeight,
      itemGap: 16,
      itemWidth: 18,
      itemHeight: 8,
    },
    grid: { ...grid, top: grid.top + titleHeight + legendHeight },
  });
  const svg = drawing.renderToSVGString();
  drawing.dispose();
  return withOwnNames(svg, chart.id);
}

/** ECharts numbers what it draws through all drawings of a process: a chart's names would depend on those before it. */
function withOwnNames(svg: string, id: string): string {
  const names = new Map<string, string>();
  return svg.replace(/\bzr\d+-\w+(-\d+)?/g, (name) => {
    if (!names.has(name)) names.set(name, `${id}-${names.size}`);
    return names.get(name)!;
  });
}

/** Rows that a legend breaks into, by the width of its texts. */
function rowsOf(names: readonly string[]): number {
  if (names.length < 2) return 0;
  let [rows, used] = [1, 0];
  for (const name of names) {
    const own = 48 + 7 * name.length;
    if (used + own > width && used > 0) [rows, used] = [rows + 1, 0];
    used += own;
  }
  return rows;
}

/** Without a browser nobody knows how wide a text will be: names get what a wide font takes. */
function roomForNames({ y: { categories = [] } }: Chart): object {
  if (categories.length === 0) return {};
  return { left: 20 + 7.4 * Math.max(...categories.map(({ length }) => length)), containLabel: false };
}
