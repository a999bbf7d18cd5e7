import { join } from 'node:path';
import { chartsOf } from '../dist/report/charts/all-charts.js';
import { chartSvg } from '../dist/report/charts/svg.js';
import { papers } from '../dist/report/charts/themes.js';
import { scaleText } from '../dist/report/page/figure-facts.js';

/** @import { NamedReport } from '../dist/report/report-data.js' */

const folder = join('docs', 'pictures');
const chart = 'loss-steps';

/**
 * The README's picture for light and for dark pages, by their places in the checkout.
 * @param {NamedReport} shown
 * @returns {Map<string, string>}
 */
export function pictureFiles({ data }) {
  const drawn = chartsOf(data).find(({ id }) => id === chart);
  if (drawn === undefined) return new Map();
  // The page's own background shows through.
  const svg = (/** @type {keyof typeof papers} */ name) =>
    chartSvg(drawn, { ...papers[name], background: 'transparent' });
  return new Map([
    [join(folder, 'answer-light.svg'), svg('light')],
    [join(folder, 'answer-dark.svg'), svg('dark')],
  ]);
}

/**
 * The picture as HTML that GitHub shows, and the answer below it.
 * @param {NamedReport} shown
 */
export function pictureBlock({ name, data }) {
  return [
    '<picture>',
    `  <source media="(prefers-color-scheme: dark)" srcset="${folder}/answer-dark.svg">`,
    `  <img alt="Validation loss against steps" src="${folder}/answer-light.svg" width="640">`,
    '</picture>',
    '',
    `**${data.headline}** (${name}: ${scaleText(data)}.)`,
  ].join('\n');
}
