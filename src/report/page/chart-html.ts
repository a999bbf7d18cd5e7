import type { Chart, Series } from '../charts/chart.js';
import { chartHeight, legendNames } from '../charts/chart-option.js';
import { escapeHtml } from '../../escape-html.js';

/** A chart's place in the page: title, legend, the box that the page's script draws into, caption. */
export function chartHtml(chart: Chart, key: string): string {
  const names = legendNames(chart);
  const legend =
    names.length < 2 ? '' : `<div class="legend">${names.map((name) => legendHtml(chart, name)).join('')}</div>`;
  return [
    `<figure id="${key}">`,
    `<h3>${escapeHtml(chart.title)}</h3>`,
    legend,
    `<div class="chart" data-chart="${key}" style="${heightStyle(chart)}" role="img" aria-label="${escapeHtml(chart.title)}"></div>`,
    `<figcaption>${escapeHtml(chart.caption)}</figcaption>`,
    '</figure>',
  ].join('\n');
}

/** With a row a setting the page gives rows more room where names need two lines. */
function heightStyle(chart: Chart): string {
  const { scale, categories = [] } = chart.y;
  return scale === 'category' ? `--rows: ${categories.length}` : `height: ${chartHeight(chart)}px`;
}

const dashes: Readonly<Partial<Record<Series['shape'], string>>> = { dashed: '5 3', dotted: '2 2' };

function legendHtml({ series }: Chart, name: string): string {
  const own = series.filter((one) => one.name === name && one.opacity > 0.5);
  const drawn = own.find(({ shape }) => shape !== 'points' && shape !== 'crosses') ?? own[0]!;
  const mark =
    drawn.shape === 'points'
      ? `<circle cx="9" cy="5" r="3.5" fill="${drawn.color}"/>`
      : `<path d="M0 5H18" stroke="${drawn.color}" stroke-width="2" stroke-dasharray="${dashes[drawn.shape] ?? 'none'}"/>`;
  const swatch = `<svg width="18" height="10" aria-hidden="true">${mark}</svg>`;
  return `<button type="button" aria-pressed="true" data-series="${escapeHtml(name)}">${swatch}${escapeHtml(name)}</button>`;
}
