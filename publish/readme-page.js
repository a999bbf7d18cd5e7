import { join } from 'node:path';
import { rowRatioText } from '../dist/analysis/efficiency/ratio-text.js';
import { studyText } from '../dist/report/text/study-text.js';
import { analyse } from '../dist/analysis/analysis.js';
import { readStudy } from '../dist/results/study.js';
import { withBlock } from './blocks.js';
import { pictureBlock } from './picture.js';
import { publishedFolder } from './published.js';

/** @import { NamedReport } from '../dist/report/report-data.js' */

/**
 * The README with its picture, its table, and the last lines of `soap-bench run configs/quickstart.yaml`.
 * @param {string} text The page as it is.
 * @param {string} root
 * @param {NamedReport} shown The experiment of the picture.
 * @param {readonly NamedReport[]} headline The experiments of the paper's main figure, for the table.
 */
export function readmePage(text, root, shown, headline) {
  const directory = join(publishedFolder, 'quickstart');
  const analysis = analyse(readStudy(join(root, directory)));
  const quickstart = { ...analysis, study: { ...analysis.study, folder: directory } };
  const screen = studyText(quickstart, { width: 100, color: false, plot: false });
  const withScreen = withBlock(text, 'quickstart', `\`\`\`\n${screen.trimEnd()}\n\`\`\``, 'README.md');
  const withPicture = withBlock(withScreen, 'picture', pictureBlock(shown), 'README.md');
  return withBlock(withPicture, 'table', answerTable(headline), 'README.md');
}

/**
 * The share of the baseline's iterations and time that each optimizer needs, as a Markdown table.
 * @param {readonly NamedReport[]} experiments
 */
function answerTable(experiments) {
  if (experiments.length === 0) return '_Not published yet._';
  const rows = experiments.flatMap(({ name, data }) =>
    data.efficiency
      .filter(({ method }) => method === 'fit')
      .map((row) => [name, row.title, rowRatioText(row, 'steps_ratio'), rowRatioText(row, 'time_ratio')]),
  );
  const lines = [['model', 'optimizer', 'iterations', 'training time'], ['---', '---', '---:', '---:'], ...rows];
  return ['<!-- prettier-ignore -->', ...lines.map((cells) => `| ${cells.join(' | ')} |`)].join('\n');
}
