import { accountRows, type AccountRow, type StepAccount } from '../../analysis/step-account.js';
import type { RunConfig } from '../../config/run-config.js';
import { csvText } from '../../files/csv.js';
import { bytesText, countText, millisecondsText, operationsText } from '../../format.js';
import { paperFormulas, type PaperFormulas } from '../../optim/cost/paper-formulas.js';
import { numberCell, tableOf, type Column, type ReportTable } from '../../table/table.js';
import type { ReportData } from '../report-data.js';
import { timeRatioText } from '../step-times/time-ratio-text.js';

interface Row extends AccountRow {
  readonly formulas: PaperFormulas;
}

/** The paper's formulas for space and time (sections 7.2 and 7.3) beside what was counted and measured. */
export function spaceAndTimeTable(data: ReportData): ReportTable[] {
  const { baseline } = data.study;
  const configs = new Map(data.study.runs.map(({ config, run }) => [run.timed?.key, config]));
  const rows = accountRows(data.study.stepTimes, baseline).flatMap((one): Row[] => {
    const config = configs.get(one.row.key);
    return config === undefined ? [] : [{ ...one, formulas: formulasOf(config) }];
  });
  if (rows.length === 0) return [];
  return [
    {
      id: 'space-and-time',
      title: 'Space and time of a step: the paper’s formulas, what is held and counted, what the clock says',
      csv: accountsCsv(rows),
      ...tableOf<Row>(
        rows,
        [
          { title: 'setting', cell: ({ row }) => row.setting },
          { title: 'floats of an m×n layer (paper)', cell: ({ formulas }) => formulas.space || '–' },
          number('of this model (paper)', 'paper_floats', countText),
          number('held here', 'held_floats', countText),
          number('process at most', 'peak_rss_bytes', bytesText),
          { title: 'products over AdamW (paper)', cell: ({ formulas }) => formulas.time || '–' },
          number('of this model (paper)', 'paper_flops_over_adamw', operationsText),
          number(`in the graph, over ${baseline}`, 'graph_flops_over_baseline', operationsText),
          number('QR, eigen', 'decomposition_flops', operationsText),
          number('a step', 'step_ms_mean', millisecondsText),
          {
            title: `over ${baseline}`,
            align: 'right',
            key: 'step_ratio',
            cell: ({ ratio }) => ({ text: timeRatioText(ratio), value: ratio.value }),
          },
        ],
        { notes: [noteOf(data)] },
      ),
    },
  ];
}

function number(title: string, key: keyof StepAccount, text: (value: number) => string): Column<Row> {
  return { title, align: 'right', key, cell: ({ account }) => numberCell(account[key], text) };
}

function accountsCsv(rows: readonly Row[]): string {
  const names = Object.keys(rows[0]!.account) as (keyof StepAccount)[];
  return csvText([
    ['setting', 'paper_space', 'paper_time', ...names],
    ...rows.map(({ row, formulas, account }) => [
      row.setting,
      formulas.space,
      formulas.time,
      ...names.map((name) => account[name]),
    ]),
  ]);
}

function formulasOf({ optimizer, options }: RunConfig): PaperFormulas {
  return paperFormulas({ optimizer, ...options }) ?? { space: '', time: '' };
}

function noteOf({ study }: ReportData): string {
  const model = study.runs[0]!.config.model;
  const qkv = model.fused_qkv
    ? 'queries, keys and values are one matrix of 3d×d here, whose longer side has a factor of 3d×3d'
    : 'queries, keys and values are three matrices';
  return (
    `Floats include the gradient, as the paper counts, and not the weights. The paper’s formulas are summed over this ` +
    `model’s tensors: ${qkv}; the vocabulary sides of embedding and head have no factor, so that their terms drop out; ` +
    'vectors are n = 1, without a factor in SOAP, with one of m×m in Shampoo. Held: counted from the tensors of the program that ran. A multiplication of the ' +
    'paper counts as two operations. In the graph: matrix products of the optimizer in the compiled steps, refreshes spread ' +
    `over the steps between them, less ${study.baseline}’s; QR and eigendecompositions are no products and count by themselves ` +
    '(8/3 d³ and 9 d³). [ ]: 95% interval over rounds.'
  );
}
