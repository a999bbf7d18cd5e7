import { join } from 'node:path';
import { comparisonText } from '../dist/report/text/comparison.js';
import { summarize } from '../dist/analysis/summary.js';
import { readExperiment } from '../dist/results/read.js';
import { withBlock } from './blocks.js';
import { pictureBlock } from './picture.js';
import { publishedFolder } from './published.js';

/** @import { NamedReport } from '../dist/report/report-data.js' */

/**
 * The README with its picture and what `soap-bench run configs/quickstart.yaml` says at its end.
 * @param {string} text The page as it is.
 * @param {string} root
 * @param {NamedReport} shown What the picture shows.
 */
export function readmePage(text, root, shown) {
  const directory = join(publishedFolder, 'quickstart');
  const experiment = { ...readExperiment(join(root, directory)), directory };
  const screen = comparisonText(experiment, summarize(experiment), { width: 100, color: false, plot: false });
  const withScreen = withBlock(text, 'quickstart', `\`\`\`\n${screen.trimEnd()}\n\`\`\``, 'README.md');
  return withBlock(withScreen, 'picture', pictureBlock(shown), 'README.md');
}
