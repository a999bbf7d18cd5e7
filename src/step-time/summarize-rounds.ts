import { median } from '../median.js';
import { mean } from '../statistics/mean.js';
import type { StepTimeRow } from '../results/step-time-row.js';
import type { TimedCall } from './timed-calls.js';
import { periodOf, type TimedRound } from './time-setting.js';
import type { TimedSetting } from './timed-settings.js';

/** Combines the rounds of a setting into a row. */
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
  const { optimizer } = config;
  const { precondition_frequency } = config.options;
  return {
    key,
    setting,
    label,
    optimizer,
    precondition_frequency: precondition_frequency === undefined ? NaN : periodOf(config),
    batch_tokens,
    precision: config.precision,
    parameters,
    optimizer_state_bytes: cost.state_bytes,
    paper_state_bytes: cost.paper_state_bytes ?? NaN,
    peak_rss_bytes: Math.max(...rounds.map(({ peak_rss_bytes }) => peak_rss_bytes)),
    rounds: rounds.length,
    steps: last.calls.length,
    step_ms_mean,
    step_ms_low: Math.min(...stepMs),
    step_ms_high: Math.max(...stepMs),
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
    engine,
    device,
    threads,
    cpu,
    cores,
    commit,
    measured_at,
    busy: Math.max(...rounds.map(({ busy }) => busy)),
    round_ms: stepMs,
    round_median_ms: times.map((round) => round.step_ms_median),
  };
}

type RoundTimes = Pick<StepTimeRow, 'step_ms_mean' | 'step_ms_median' | 'refresh_ms' | 'gradient_ms' | 'optimizer_ms'>;

/** Computes the times of a round. A setting that refreshes at every step has no plain steps. */
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
