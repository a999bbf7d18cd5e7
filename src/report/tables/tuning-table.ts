import { countText, lossText, plural } from '../../format.js';
import { tableOf, type Cell, type Column, type ReportTable, type Table } from '../../table/table.js';
import { tuningCsv } from '../csv/tuning-csv.js';
import { edgeText, type ChosenSetting, type TriedSetting, type TuningResult } from '../../analysis/tuning.js';

/** Every setting that was tried before optimizers were compared, and which were chosen. */
export function tuningTable(results: readonly TuningResult[]): ReportTable {
  const tried = results.flatMap(({ title, tried: own }) => own.map((trial) => ({ title, ...trial })));
  return {
    id: 'tuning',
    title: 'What was tried, and chosen',
    csv: tuningCsv(results),
    ...tableOf<Titled & TriedSetting>(
      tried,
      [
        optimizer,
        { title: 'setting', cell: valuesText },
        {
          title: 'steps',
          align: 'right',
          key: 'steps',
          cell: ({ budget }) => ({ text: countText(budget), value: budget }),
        },
        { ...finalLoss, cell: (trial) => ({ ...lossCell(trial.loss), tone: lossTone(trial) }) },
        { title: 'choice', cell: choiceText },
      ],
      {
        notes: [
          'Settings are chosen by the final validation loss with one seed.',
          'At an edge of what was tried a better one may lie beyond.',
        ],
      },
    ),
  };
}

/** What was chosen, a row a setting; what is not chosen yet says how far tuning is. */
export function chosenTable(results: readonly TuningResult[]): Table {
  const rows = results.flatMap((result): ChosenRow[] =>
    result.chosen === undefined || result.chosen.length === 0
      ? [{ ...result, winner: undefined }]
      : result.chosen.map((winner) => ({ ...result, winner })),
  );
  return tableOf<ChosenRow>(rows, [
    optimizer,
    { title: 'chosen', cell: ({ winner }) => (winner === undefined ? '–' : valuesText(winner)) },
    { ...finalLoss, cell: ({ winner }) => (winner === undefined ? '–' : lossCell(winner.loss)) },
    { title: 'tried', below: 'narrow', priority: 1, cell: triedText },
  ]);
}

interface Titled {
  readonly title: string;
}

interface ChosenRow extends TuningResult {
  readonly winner: ChosenSetting | undefined;
}

const optimizer = { title: 'optimizer', cell: ({ title }: Titled) => title };

const finalLoss = { title: 'final\nval loss', align: 'right', key: 'final_loss' } as const satisfies Omit<
  Column<unknown>,
  'cell'
>;

function lossCell(loss: number | null): Cell {
  if (loss === null) return { text: 'unknown', value: loss };
  return { text: loss < Infinity ? lossText(loss) : 'diverged or failed', value: loss };
}

function lossTone({ loss, isWinner }: TriedSetting): Cell['tone'] {
  if (isWinner) return 'best';
  return loss === Infinity ? 'trouble' : undefined;
}

function choiceText({ isWinner, edges }: TriedSetting): string {
  if (!isWinner) return '';
  return edges.length === 0 ? 'chosen' : `chosen; ${edgeText(edges)}`;
}

/** `best of 5 with 200 steps and seed 0; lr is the largest tried: a better one may lie beyond` */
function triedText({ winner, tried, chosen }: ChosenRow): string {
  if (winner === undefined) {
    const known = tried.filter(({ loss }) => loss !== null).length;
    return chosen === undefined
      ? `${known} of ${tried.length} settings so far`
      : `all ${tried.length} settings diverged or failed`;
  }
  const { budget, edges } = winner;
  const same = tried.filter((trial) => trial.budget === budget);
  const lost = same.filter(({ loss }) => loss === Infinity).length;
  const failed = lost === 0 ? '' : `, ${lost} of them diverged or failed`;
  const edge = edges.length === 0 ? '' : `; ${edgeText(edges)}: a better one may lie beyond`;
  return `best of ${same.length} with ${plural(budget, 'step')} and seed ${same[0]!.seed}${failed}${edge}`;
}

/** `lr=0.02 beta2=0.99` */
function valuesText({ values }: Pick<TriedSetting, 'values'>): string {
  const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
  return Object.entries(values)
    .map(([key, value]) => `${key}=${text(value)}`)
    .join(' ');
}
