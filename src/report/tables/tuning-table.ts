import { countText, lossText } from '../../format.js';
import { buildTable, column, type Table, type TableCell } from './table.js';
import { tuningCsv } from '../csv/tuning-csv.js';
import { edgeText, type TuningResult } from '../../analysis/tuning.js';

/** Every setting that was tried before optimizers were compared, and which were chosen. */
export function tuningTable(results: readonly TuningResult[]): Table {
  const tried = results.flatMap(({ title, tried: own }) => own.map((trial) => ({ title, ...trial })));
  return buildTable(
    {
      id: 'tuning',
      title: 'What was tried, and chosen',
      note:
        'Settings are chosen by the final validation loss with one seed. At an edge of what was tried a better one ' +
        'may lie beyond.',
      csv: tuningCsv(results),
    },
    [
      column(
        'optimizer',
        'left',
        tried.map(({ title }) => ({ text: title })),
      ),
      column(
        'setting',
        'left',
        tried.map(({ values }) => ({ text: valuesText(values) })),
      ),
      column(
        'steps',
        'right',
        tried.map(({ budget }) => ({ text: countText(budget), column: 'steps', value: budget })),
      ),
      column(
        'final loss',
        'right',
        tried.map((trial) => ({ ...lossCell(trial.loss), best: trial.isWinner })),
      ),
      column(
        'choice',
        'left',
        tried.map((trial) => ({ text: choiceText(trial) })),
      ),
    ],
  );
}

function lossCell(loss: number | null): TableCell {
  const cell = { column: 'final_loss', value: loss };
  if (loss === null) return { ...cell, text: 'unknown' };
  return loss < Infinity ? { ...cell, text: lossText(loss) } : { ...cell, text: 'diverged or failed', trouble: true };
}

function choiceText({ isWinner, edges }: TuningResult['tried'][number]): string {
  if (!isWinner) return '';
  return edges.length === 0 ? 'chosen' : `chosen; ${edgeText(edges)}`;
}

function valuesText(values: Readonly<Record<string, unknown>>): string {
  const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
  return Object.entries(values)
    .map(([key, value]) => `${key}=${text(value)}`)
    .join(' ');
}
