import type { ExperimentConfig } from '../../config/schema.js';
import { paperFormulas, type PaperFormulas } from '../../optim/cost/paper-formulas.js';
import { csvText } from '../../files/csv.js';
import { stepRatio } from '../../analysis/over-baseline.js';
import { bytesText, countText, millisecondsText, operationsText } from '../../format.js';
import type { ReportData } from '../report-data.js';
import { buildTable, column, type Table, type TableCell } from '../tables/table.js';
import { timeRatioText } from './time-ratio-text.js';
import { usualRows, type ComparedRow } from './timed-rows.js';

/** The paper's formulas for space and time (sections 7.2 and 7.3) beside what was counted and measured. */
export function spaceAndTimeTable(data: ReportData): Table[] {
  const configs = new Map(data.sweep.runs.map(({ config, run }) => [run.timed?.key, config]));
  const rows = usualRows(data).flatMap((compared) => {
    const config = configs.get(compared.row.key);
    return config === undefined ? [] : [{ ...accountOf(compared), ...formulasOf(config), compared }];
  });
  if (rows.length === 0) return [];
  const { baseline } = data.sweep;
  const number = (name: keyof Account, text: (value: number) => string) =>
    rows.map((row): TableCell => {
      const value = row[name];
      return { text: Number.isNaN(value) ? '–' : text(value), column: name, value };
    });
  const text = (of: (row: (typeof rows)[number]) => string) => rows.map((row) => ({ text: of(row) || '–' }));
  const accounts = Object.keys(accountOf(rows[0]!.compared)) as (keyof Account)[];
  return [
    buildTable(
      {
        id: 'space-and-time',
        title: 'Space and time of a step: the paper’s formulas, what is held and counted, what the clock says',
        note: noteOf(data, baseline),
        csv: csvText([
          ['setting', 'paper_space', 'paper_time', ...accounts],
          ...rows.map(({ compared: { row }, ...account }) => [
            ...[row.setting, account.space, account.time],
            ...accounts.map((name) => account[name]),
          ]),
        ]),
      },
      [
        column(
          'setting',
          'left',
          text(({ compared: { row } }) => row.setting),
        ),
        column(
          'floats of an m×n layer (paper)',
          'left',
          text(({ space }) => space),
        ),
        column('of this model (paper)', 'right', number('paper_floats', countText)),
        column('held here', 'right', number('held_floats', countText)),
        column('process at most', 'right', number('peak_rss_bytes', bytesText)),
        column(
          'products over AdamW (paper)',
          'left',
          text(({ time }) => time),
        ),
        column('of this model (paper)', 'right', number('paper_flops_over_adamw', operationsText)),
        column(`in the graph, over ${baseline}`, 'right', number('graph_flops_over_baseline', operationsText)),
        column('QR, eigen', 'right', number('decomposition_flops', operationsText)),
        column('a step', 'right', number('step_ms_mean', millisecondsText)),
        column(
          `over ${baseline}`,
          'right',
          rows.map(({ compared: { row, base }, step_ratio }) => ({
            text: timeRatioText(stepRatio(row, base)),
            column: 'step_ratio',
            value: step_ratio,
          })),
        ),
      ],
    ),
  ];
}

/** What a setting takes in numbers: floats with the gradient, floating-point operations a step. */
function accountOf({ row, base }: ComparedRow) {
  const ratio = stepRatio(row, base);
  return {
    paper_floats: row.paper_state_bytes / 4 + row.parameters,
    held_floats: row.optimizer_state_bytes / 4 + row.parameters,
    peak_rss_bytes: row.peak_rss_bytes,
    paper_flops_over_adamw: row.paper_flops_over_adamw,
    graph_flops_over_baseline: row.optimizer_graph_flops - base.optimizer_graph_flops,
    decomposition_flops: row.decomposition_flops,
    step_ms_mean: row.step_ms_mean,
    step_ratio: ratio.value,
    step_ratio_low: ratio.low,
    step_ratio_high: ratio.high,
  };
}

type Account = ReturnType<typeof accountOf>;

function formulasOf({ optimizers }: ExperimentConfig): PaperFormulas {
  return paperFormulas(Object.values(optimizers)[0]!) ?? { space: '', time: '' };
}

function noteOf({ sweep }: ReportData, baseline: string): string {
  const model = sweep.runs[0]!.config.model;
  const qkv = model.fused_qkv
    ? 'queries, keys and values are one matrix of 3d×d here, whose longer side has a factor of 3d×3d'
    : 'queries, keys and values are three matrices';
  return (
    `Floats include the gradient, as the paper counts, and not the weights. The paper’s formulas are summed over this ` +
    `model’s tensors: ${qkv}; the vocabulary sides of embedding and head have no factor, so that their terms drop out; ` +
    'vectors are n = 1, without a factor in SOAP, with one of m×m in Shampoo. Held: counted from the tensors of the program that ran. A multiplication of the ' +
    'paper counts as two operations. In the graph: matrix products of the optimizer in the compiled steps, refreshes spread ' +
    `over the steps between them, less ${baseline}’s; QR and eigendecompositions are no products and count by themselves ` +
    '(8/3 d³ and 9 d³). [ ]: 95% interval over rounds.'
  );
}
