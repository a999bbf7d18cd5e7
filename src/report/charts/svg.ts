import { init } from 'echarts';
import type { Chart } from './chart.js';
import { chartHeight, chartOption, legendNames } from './chart-option.js';
import { chartTheme, papers } from './themes.js';

const width = 760;
const titleHeight = 34;
const legendRow = 22;

/** A chart by itself, on white paper, with title and legend. */
export function chartSvg(chart: Chart): string {
  const names = legendNames(chart);
  const legendHeight = legendRow * rowsOf(names);
  const option = chartOption(chart);
  const grid = { ...(option.grid as { top: number }), ...roomForNames(chart) };
  const height = chartHeight(chart) + titleHeight + legendHeight;
  const theme = { ...chartTheme(papers.light), backgroundColor: papers.light.background };
  const drawing = init(null, theme, { renderer: 'svg', ssr: true, width, height });
  drawing.setOption({
    ...option,
    title: { text: chart.title, left: 8, top: 8, textStyle: { fontSize: 15, fontWeight: 600 } },
    legend: {
      show: names.length > 1,
      data: names,
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
  return svg;
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
