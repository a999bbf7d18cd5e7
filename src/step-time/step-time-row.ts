import { median } from '../median.js';
import { mean } from '../statistics/mean.js';
import type { TimedCall } from './timed-calls.js';
import { periodOf, type TimedRound } from './time-setting.js';
import type { TimedSetting } from './timed-settings.js';

/** What is the same in every round, or that of the last one; of memory and of others' share, the largest. */
type OfRounds = Pick<
  TimedRound,
  | 'parameters'
  | 'peak_rss_bytes'
  | 'engine'
  | 'device'
  | 'threads'
  | 'cpu'
  | 'cores'
  | 'commit'
  | 'measured_at'
  | 'busy'
>;

/** A row of step_times.csv. Times are milliseconds; NaN is what a setting has not got. docs/outputs.md says more. */
export interface StepTimeRow extends OfRounds {
  /** Stands for everything that can change the time of a step. */
  readonly key: string;
  readonly setting: string;
  readonly label: string;
  readonly optimizer: string;
  readonly precondition_frequency: number;
  readonly batch_tokens: number;
  readonly precision: string;
  readonly optimizer_state_bytes: number;
  /** By the paper's formulas, without the gradient. */
  readonly paper_state_bytes: number;
  readonly rounds: number;
  /** Timed steps of a round, whole periods. */
  readonly steps: number;
  /** The median over the rounds, the fastest and the slowest of them. */
  readonly step_ms_mean: number;
  readonly step_ms_low: number;
  readonly step_ms_high: number;
  /** Of steps without refresh. */
  readonly step_ms_median: number;
  /** What a refresh adds to such a step. */
  readonly refresh_ms: number;
  readonly gradient_ms: number;
  readonly optimizer_ms: number;
  readonly tokens_per_s: number;
  /** Floating-point operations of a step's matrix products, counted in the graphs that ran. */
  readonly gradient_graph_flops: number;
  readonly optimizer_graph_flops: number;
  /** Of an optimizer step, counted kernel by kernel; of these, decompositions; what AdamW would not take; the paper's. */
  readonly optimizer_flops: number;
  readonly decomposition_flops: number;
  readonly flops_over_adamw: number;
  readonly paper_flops_over_adamw: number;
  /** `step_ms_mean` and `step_ms_median` of every round, in their order. */
  readonly round_ms: string;
  readonly round_median_ms: string;
}

/** What the rounds of a setting say together. */
export function stepTimeRow(
  { key, setting, label, config }: TimedSetting,
  rounds: readonly [TimedRound, ...TimedRound[]],
): StepTimeRow {
  const times = rounds.map(({ calls }) => roundTimes(calls));
  const over = (of: (round: RoundTimes) => number) => median(times.map(of));
  const stepMs = times.map(({ step_ms_mean }) => step_ms_mean);
  const step_ms_mean = median(stepMs);
  const { batch_tokens } = config.train;
  const last = rounds.at(-1)!;
  const { parameters, cost, engine, device, threads, cpu, cores, commit, measured_at } = last;
  const { optimizer, precondition_frequency } = config.optimizers[label]!;
  return {
    ...{ key, setting, label, optimizer },
    precondition_frequency: precondition_frequency === undefined ? NaN : periodOf(config),
    ...{ batch_tokens, precision: config.precision, parameters },
    ...{ optimizer_state_bytes: cost.state_bytes, paper_state_bytes: cost.paper_state_bytes ?? NaN },
    peak_rss_bytes: Math.max(...rounds.map(({ peak_rss_bytes }) => peak_rss_bytes)),
    ...{ rounds: rounds.length, steps: last.calls.length },
    ...{ step_ms_mean, step_ms_low: Math.min(...stepMs), step_ms_high: Math.max(...stepMs) },
    step_ms_median: over((round) => round.step_ms_median),
    refresh_ms: over((round) => round.refresh_ms),
    gradient_ms: over((round) => round.gradient_ms),
    optimizer_ms: over((round) => round.optimizer_ms),
    tokens_per_s: batch_tokens / (step_ms_mean / 1000),
    gradient_graph_flops: last.gradient_graph_flops ?? NaN,
    optimizer_graph_flops: last.optimizer_graph_flops ?? NaN,
    optimizer_flops: cost.flops,
    decomposition_flops: cost.decomposition_flops,
    flops_over_adamw: cost.flops_over_adamw,
    paper_flops_over_adamw: cost.paper_flops_over_adamw ?? NaN,
    ...{ engine, device, threads, cpu, cores, commit, measured_at },
    busy: Math.max(...rounds.map(({ busy }) => busy)),
    round_ms: listText(stepMs),
    round_median_ms: listText(times.map((round) => round.step_ms_median)),
  };
}

type RoundTimes = Pick<StepTimeRow, 'step_ms_mean' | 'step_ms_median' | 'refresh_ms' | 'gradient_ms' | 'optimizer_ms'>;

/** A setting that refreshes at every step has no step without. */
function roundTimes(calls: readonly TimedCall[]): RoundTimes {
  const of = (key: 'step_ms' | 'gradient_ms' | 'optimizer_ms', some: readonly TimedCall[] = calls) =>
    some.map((call) => call[key]);
  const step_ms_median = median(
    of(
      'step_ms',
      calls.filter(({ refreshes }) => !refreshes),
    ),
  );
  const refreshing = of(
    'step_ms',
    calls.filter(({ refreshes }) => refreshes),
  );
  return {
    step_ms_mean: mean(of('step_ms')),
    step_ms_median,
    refresh_ms: mean(refreshing) - step_ms_median,
    gradient_ms: mean(of('gradient_ms')),
    optimizer_ms: mean(of('optimizer_ms')),
  };
}

function listText(ms: readonly number[]): string {
  return ms.map((one) => (Number.isNaN(one) ? 'nan' : one.toFixed(3))).join(' ');
}
