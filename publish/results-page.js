import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SoapBenchError } from '../dist/errors.js';
import { chartsOf } from '../dist/report/charts/all-charts.js';
import { verdictsText } from '../dist/report/text/verdicts-text.js';
import { reproduceLine, scaleText } from '../dist/report/page/figure-facts.js';
import { figures } from '../dist/reproduce/figures.js';

/** @import { FigureReport } from '../dist/report/figure-report.js' */
/** @import { NamedReport } from '../dist/report/report-data.js' */

/**
 * A published figure: its folder below the checkout, what its files say, and what follows from them.
 * @typedef {object} PublishedFigure
 * @property {string} name
 * @property {string} folder
 * @property {FigureReport} report
 * @property {ReadonlyMap<string, string>} files
 */

const story = fileURLToPath(new URL('story/', import.meta.url));

/** The page, seen from the checkout. */
export const resultsPageFile = join('docs', 'results.md');

/**
 * docs/results.md: what publish/story says of the figures that are published, with their numbers. A figure that is not
 * published is not mentioned.
 * @param {readonly PublishedFigure[]} published
 */
export function resultsPage(published) {
  const sections = figures.flatMap(({ id }) => {
    const figure = published.find(({ name }) => name === id);
    const file = join(story, `${id}.md`);
    return figure === undefined || !existsSync(file) ? [] : [told(readFileSync(file, 'utf8'), figure, file)];
  });
  const [opening, closing] = ['opening.md', 'closing.md'].map((name) => readFileSync(join(story, name), 'utf8'));
  const origin = '<!-- Written by `npm run results:build` from publish/story and results/published. -->\n';
  return [origin, opening, ...sections, closing].join('\n');
}

/**
 * A figure's section, its `{{…}}` replaced by what they name.
 * @param {string} text
 * @param {PublishedFigure} figure
 * @param {string} file
 */
function told(text, figure, file) {
  const repeated = text.replace(/\{\{each experiment\}\}\n\n([^]*?)\n\n\{\{end\}\}/g, (_, /** @type {string} */ body) =>
    figure.report.experiments.map((experiment) => filled(body, figure, file, experiment)).join('\n\n'),
  );
  return filled(repeated, figure, file);
}

/**
 * @param {string} text
 * @param {PublishedFigure} figure
 * @param {string} file
 * @param {NamedReport} [experiment]
 */
function filled(text, figure, file, experiment) {
  return text.replace(/\{\{(.+?)\}\}/g, (place, /** @type {string} */ words) => {
    const content = contentOf(words.split(' '), figure, experiment);
    if (content === undefined) {
      throw new SoapBenchError('story_without_source', `${file}: there is nothing for ${place} in ${figure.folder}`, {
        hint: 'its charts and tables are in the folder report there',
      });
    }
    return content;
  });
}

/**
 * @param {string[]} words
 * @param {PublishedFigure} figure
 * @param {NamedReport | undefined} experiment
 */
function contentOf([kind, name], { folder, report, files }, experiment) {
  const place = join(folder, 'report', experiment?.name ?? '');
  switch (kind) {
    case 'experiment':
      return experiment?.name;
    case 'answer':
      return experiment && answerText(report, experiment);
    case 'table':
      return files.get(join(place, 'tables', `${name}.md`))?.trimEnd();
    case 'chart':
      return chartImage(name ?? '', join(place, 'charts', `${name}.svg`), files, experiment);
    case 'again':
      return againText(folder, report);
    default:
      return undefined;
  }
}

/**
 * The result, how many of the paper's claims hold, and at which scale.
 * @param {FigureReport} report
 * @param {NamedReport} experiment
 */
function answerText({ claims }, { name, data }) {
  return `> ${data.headline} ${verdictsText(claims, name)}\n\nAt ${name}’s scale here: ${scaleText(data)}.`;
}

/**
 * @param {string} id
 * @param {string} file
 * @param {ReadonlyMap<string, string>} files
 * @param {NamedReport | undefined} experiment
 */
function chartImage(id, file, files, experiment) {
  const chart = experiment === undefined ? undefined : chartsOf(experiment.data).find((one) => one.id === id);
  if (chart === undefined || !files.has(file)) return undefined;
  return `![${chart.title}](${relative('docs', file)})\n\n${chart.caption}`;
}

/**
 * @param {string} folder
 * @param {FigureReport} report
 */
function againText(folder, { file, notBegun }) {
  const missing = notBegun.length === 0 ? '' : ` Not run yet: ${notBegun.join(', ')}.`;
  const place = relative('docs', folder);
  return (
    `Run it again with \`${reproduceLine(file)}\`. Everything behind it, with a page that zooms: [${folder}](${place}/) ` +
    `(\`report/report.html\`).${missing}`
  );
}
