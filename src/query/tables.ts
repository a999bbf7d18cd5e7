import type { Column } from '../files/columns.js';
import { evaluationColumns, stepColumns } from '../train/rows.js';

/** A column of an SQL table. */
export interface QueryColumn {
  readonly name: string;
  readonly type: 'VARCHAR' | 'BIGINT' | 'DOUBLE' | 'TIMESTAMP' | 'JSON';
  readonly unit?: string;
  readonly meaning: string;
}

export interface QueryTable {
  readonly name: 'runs' | 'metrics' | 'evaluations' | 'summary';
  readonly holds: string;
  readonly columns: readonly QueryColumn[];
}

const text = (name: string, meaning: string): QueryColumn => ({ name, type: 'VARCHAR', meaning });
const count = (name: string, unit: string, meaning: string): QueryColumn => ({ name, type: 'BIGINT', unit, meaning });
const number = (name: string, unit: string, meaning: string): QueryColumn => {
  return { name, type: 'DOUBLE', ...(unit !== '' && { unit }), meaning };
};
const time = (name: string, meaning: string): QueryColumn => ({ name, type: 'TIMESTAMP', unit: 'UTC', meaning });

const run = text('run', 'the run’s name, the same in all tables');
const clocks = [number('train_time_s', 's', 'training clock'), number('eval_time_s', 's', 'evaluation clock')];

/** The columns of a CSV file. */
function sqlColumns(columns: Readonly<Record<string, Column<unknown>>>): QueryColumn[] {
  return Object.entries(columns).map(([name, { sql, unit, meaning }]) => {
    return { name, type: sql, ...(unit !== '' && { unit }), meaning };
  });
}

/** The tables of `soap-bench query`. Unknown numbers and NaN are NULL; infinite losses stay infinite. */
export const queryTables: readonly QueryTable[] = [
  {
    name: 'runs',
    holds: 'a row a run, also one that has not started',
    columns: [
      run,
      text('experiment', 'name of its experiment or sweep'),
      text('setting', 'its label; in a sweep with what sets the setting apart'),
      text('optimizer', 'as configured'),
      number('lr', '', 'peak learning rate'),
      count('seed', '', 'of initial weights and batches'),
      text('state', 'finished, diverged, running, interrupted, killed, failed, …'),
      count('step', 'steps', 'made at the last evaluation'),
      count('steps', 'steps', 'asked for'),
      number('final_loss', 'nats', 'last evaluation so far, infinite when diverged'),
      number('best_loss', 'nats', 'lowest evaluation'),
      ...clocks,
      time('started_at', 'when it was begun'),
      time('ended_at', 'when it ended'),
      text('message', 'why it ended before its last step'),
      text('directory', 'its folder'),
      text('engine', 'what computed'),
      text('device', 'on what'),
      count('parameters', 'floats', 'of the model'),
      count('state_bytes', 'bytes', 'optimizer state'),
      { name: 'config', type: 'JSON', meaning: "its configuration; config->>'$.train.steps'" },
    ],
  },
  {
    name: 'metrics',
    holds: 'a row of metrics.csv: training, every train.log_every steps',
    columns: [run, ...sqlColumns(stepColumns)],
  },
  {
    name: 'evaluations',
    holds: 'a row of eval.csv: validation, the first for the untrained model',
    columns: [run, ...sqlColumns(evaluationColumns)],
  },
  {
    name: 'summary',
    holds: 'a row a run of summary.csv, of a sweep of runs.csv: there once `run` or `resume` has ended',
    columns: [
      run,
      text('experiment', 'name of its experiment or sweep'),
      text('label', 'label, in a sweep the setting'),
      text('optimizer', 'as configured'),
      number('lr', '', 'peak learning rate'),
      count('seed', '', 'of initial weights and batches'),
      text('state', 'as in status.json, or not_started'),
      number('final_loss', 'nats', 'last evaluation, infinite when diverged'),
      number('best_loss', 'nats', 'lowest evaluation'),
      number('target', 'nats', 'validation loss to reach'),
      text('reached', 'true, false or unknown'),
      number('steps_to_target', 'steps', 'interpolated; infinite when not reached'),
      number('steps_to_target_raw', 'steps', 'first evaluation at or below the target'),
      number('tokens_to_target', 'tokens', 'as steps_to_target'),
      number('train_time_to_target_s', 's', 'as steps_to_target'),
      number('steps_ratio', '', 'steps_to_target over the baseline’s'),
      number('time_ratio', '', 'train_time_to_target_s over the baseline’s'),
      number('step_ms_mean', 'ms', 'a step, over whole periods of the optimizer'),
      number('step_ms_median', 'ms', 'of the steps but the first'),
      number('optimizer_share_mean', '0 to 1', 'the optimizer’s part of it'),
      number('tokens_per_s', 'tokens/s', 'in training'),
      number('state_bytes', 'bytes', 'optimizer state'),
      number('paper_state_bytes', 'bytes', 'the same by the SOAP paper’s formulas'),
      number('optimizer_flops', 'FLOPs', 'of an optimizer step'),
      number('flops_over_adamw', 'FLOPs', 'what of these AdamW would not take'),
      number('paper_flops_over_adamw', 'FLOPs', 'the same by the paper’s formulas'),
      number('parameters', 'floats', 'of the model'),
      count('steps_done', 'steps', 'made'),
      ...clocks,
      text('shared_machine', 'true when others were trained beside it: its own clocks are no measure'),
      number('measured_step_ms', 'ms', 'a step, as `soap-bench time` measured it'),
      text('note', 'why it is not finished, why its target is unknown'),
    ],
  },
];
