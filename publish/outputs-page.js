import { join } from 'node:path';
import { markdownRows } from '../dist/config/reference.js';
import { evaluationColumns, stepColumns } from '../dist/train/rows.js';
import { withBlock } from './blocks.js';

/** @import { Column } from '../dist/files/columns.js' */

export const outputsPageFile = join('docs', 'outputs.md');

/**
 * docs/outputs.md with the columns of metrics.csv and eval.csv.
 * @param {string} text The page as it is.
 */
export function outputsPage(text) {
  const withSteps = withBlock(text, 'columns of metrics.csv', columnsTable(stepColumns), outputsPageFile);
  return withBlock(withSteps, 'columns of eval.csv', columnsTable(evaluationColumns), outputsPageFile);
}

/** @param {Readonly<Record<string, Column<unknown>>>} columns */
function columnsTable(columns) {
  const rows = Object.entries(columns).map(([name, { unit, meaning }]) => [`\`${name}\``, unit, meaning]);
  return markdownRows(['column', 'unit', 'meaning'], rows);
}
