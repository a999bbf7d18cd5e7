import { extent } from '../extent.js';
import { lossSoFar } from '../results/final-loss.js';
import type { Run } from '../results/read-run.js';
import { runState, type RunState } from '../results/status.js';
import type { StudyRun } from '../results/study.js';
import { notReached, stepsToTarget, type TargetCrossing } from './steps-to-target.js';
import { stepRatio } from './over-baseline.js';
import { stepTimes, type StepTimes } from './step-times.js';

/**
 * One run in numbers. Null is unknown; Infinity is a result: a target that was not reached, the loss of a diverged run.
 * Losses are nats a token on the validation tokens. docs/outputs.md says what each column means.
 */
export interface SummaryRow extends StepTimes {
  /** The title of its setting. */
  readonly label: string;
  readonly optimizer: string;
  readonly lr: number;
  readonly seed: number;
  readonly state: RunState;
  /** Why the run ended before its last step, when it said so. */
  readonly message: string | undefined;
  readonly final_loss: number | null;
  readonly best_loss: number | null;
  readonly target: number | null;
  readonly reached: boolean | null;
  readonly steps_to_target: number | null;
  readonly steps_to_target_raw: number | null;
  readonly tokens_to_target: number | null;
  readonly train_time_to_target_s: number | null;
  /** To the baseline's `steps_to_target`; unknown when the baseline has none. */
  readonly steps_ratio: number | null;
  /** Unknown also when one of the two has no times to compare. */
  readonly time_ratio: number | null;
  /** Whether other runs were trained beside it, so that its own clocks are no measure. */
  readonly shared_machine: boolean;
  /** Of a step, measured apart from training: times to the target count steps with it where it is known. */
  readonly measured_step_ms: number | null;
  readonly state_bytes: number | null;
  readonly paper_state_bytes: number | null;
  readonly optimizer_flops: number | null;
  readonly flops_over_adamw: number | null;
  readonly paper_flops_over_adamw: number | null;
  readonly parameters: number | null;
  readonly steps_done: number;
  readonly train_time_s: number;
  readonly eval_time_s: number;
}

/** A run, and the title of its setting. */
export interface TitledRun extends StudyRun {
  readonly title: string;
}

/** Runs with the same seed in numbers, each compared with the baseline's. */
export interface Comparison {
  readonly name: string;
  /** The baseline's title. */
  readonly baseline: string;
  /** Steps a run was asked for. */
  readonly steps: number;
  readonly target: number | null;
  readonly target_is: 'baseline_final' | 'number';
  /** Why the target is unknown. */
  readonly target_unknown: string | undefined;
  readonly rows: readonly SummaryRow[];
}

/**
 * Compares runs with a baseline, which is one of them.
 * @param options.name Of their experiment.
 * @param options.target Another validation loss to reach than the baseline's configuration has.
 */
export function compareRuns(
  runs: readonly TitledRun[],
  baseline: TitledRun,
  { name, target: other }: { name: string; target?: number | undefined },
): Comparison {
  const { train, target: configured } = baseline.config;
  const asked = other ?? configured;
  const found = typeof asked === 'number' ? { target: asked } : baselineFinal(baseline, train.steps);
  const target = found.target ?? null;
  const measured = runs.map((titled) => ({ titled, crossing: crossingOf(titled.run, target) }));
  const ofBaseline = measured.find(({ titled }) => titled === baseline)?.crossing;
  return {
    name,
    baseline: baseline.title,
    steps: train.steps,
    target,
    target_is: typeof asked === 'number' ? 'number' : 'baseline_final',
    target_unknown: found.unknown,
    rows: measured.map(({ titled, crossing }) => ({
      ...factsOf(titled),
      target,
      reached: crossing === undefined ? null : crossing.steps < Infinity,
      steps_to_target: crossing?.steps ?? null,
      steps_to_target_raw: crossing?.steps_raw ?? null,
      tokens_to_target: crossing?.tokens ?? null,
      train_time_to_target_s: secondsTo(titled.run, crossing) ?? null,
      steps_ratio: ratio(crossing?.steps, ofBaseline?.steps),
      time_ratio: timeRatio(titled.run, crossing, baseline.run, ofBaseline),
    })),
  };
}

/** `diverged at step 37`, for a table cell or within a sentence. */
export function stateText({ state, steps_done }: Pick<SummaryRow, 'state' | 'steps_done'>, steps: number): string {
  if (state === 'not_started') return 'not started';
  if (state === 'stopped_at_target') return `stopped at its target, step ${steps_done}`;
  if (state === 'diverged' || state === 'failed') return `${state} at step ${steps_done}`;
  return state === 'finished' ? 'finished' : `${state} at step ${steps_done} of ${steps}`;
}

/** Stands below a table in which times are missing. */
export const sharedMachineLine = '– no time to compare: other runs were trained beside it (--jobs).';

/** Stands below a table whose times to the target are steps times measured step times. */
export const measuredLine = 'Times are iterations times step times, which were measured apart from training.';

/** Stands below a table with intervals of such times. */
export const roundsLine = 'Intervals of times are also over the rounds in which steps were timed.';

/** Whether a run's time to the target is of steps that were measured apart. */
export function isMeasured({ measured_step_ms }: SummaryRow): boolean {
  return measured_step_ms !== null;
}

/** Whether a run's times can be compared: measured apart, or on a machine of its own. */
export function hasTimes(row: SummaryRow): boolean {
  return !row.shared_machine || isMeasured(row);
}

/** Whether other runs were trained beside it, so that its own clocks are no measure. */
export function sharedMachine({ status }: Pick<Run, 'status'>): boolean {
  return status?.shared_machine === true;
}

/** The status is written at the start and at the end; rows tell how far a run is meanwhile. */
function stepsDone({ status, metrics }: Run): number {
  return Math.max(status?.step ?? 0, metrics.at(-1)?.step ?? 0);
}

/** The last evaluation of the baseline, when it trained to the end. */
function baselineFinal({ title, run }: TitledRun, steps: number): { target?: number; unknown?: string } {
  const state = runState(run.status);
  const last = run.evaluations.at(-1);
  const who = `the baseline ${title}`;
  if (state === 'not_started') return { unknown: `${who} has not started` };
  if (state !== 'finished') {
    const verb = state === 'running' || state === 'interrupted' ? 'is ' : '';
    return { unknown: `${who} ${verb}${stateText({ state, steps_done: stepsDone(run) }, steps)}` };
  }
  if (last?.step !== run.status?.step) return { unknown: `the last evaluation of ${who} is missing` };
  if (last === undefined || !Number.isFinite(last.loss)) return { unknown: `the final loss of ${who} is not a number` };
  return { target: last.loss };
}

/**
 * Undefined when the target is unknown. A diverged run has not reached it, whatever it passed on the way: a setting that
 * blows up is no way to train. Other unfinished runs count with what they have shown.
 */
function crossingOf(run: Run, target: number | null): TargetCrossing | undefined {
  if (target === null) return undefined;
  return runState(run.status) === 'diverged' ? notReached : stepsToTarget(run.evaluations, target);
}

function factsOf({ title, run, config }: TitledRun) {
  const { optimizer } = config;
  const { lr, precondition_frequency: period } = config.options;
  const state = runState(run.status);
  const losses = run.evaluations.map(({ loss }) => loss);
  const known = losses.filter((loss) => !Number.isNaN(loss));
  const clocks = [...run.metrics.slice(-1), ...run.evaluations.slice(-1)];
  return {
    label: title,
    optimizer,
    lr,
    seed: config.seed,
    shared_machine: sharedMachine(run),
    measured_step_ms: run.timed?.step_ms_mean ?? null,
    state,
    message: run.status?.message,
    final_loss: lossSoFar(run) ?? null,
    best_loss: known.length === 0 ? null : extent(known)[0],
    ...stepTimes(run.metrics, typeof period === 'number' ? period : 1),
    state_bytes: run.status?.state_bytes ?? run.timed?.optimizer_state_bytes ?? null,
    paper_state_bytes: run.status?.paper_state_bytes ?? null,
    optimizer_flops: run.status?.optimizer_flops ?? null,
    flops_over_adamw: run.status?.flops_over_adamw ?? null,
    paper_flops_over_adamw: run.status?.paper_flops_over_adamw ?? null,
    parameters: run.status?.parameters ?? run.timed?.parameters ?? null,
    steps_done: stepsDone(run),
    train_time_s: Math.max(0, ...clocks.map(({ train_time_s }) => train_time_s)),
    eval_time_s: Math.max(0, ...clocks.map(({ eval_time_s }) => eval_time_s)),
  };
}

/** Training time to the target: as many steps as it takes at the time measured for one, else what went by. */
function secondsTo({ timed }: Run, crossing: TargetCrossing | undefined): number | undefined {
  return crossing && (timed === undefined ? crossing.train_time_s : (crossing.steps * timed.step_ms_mean) / 1000);
}

/** Where steps of both were measured apart, the ratio of their times is that of the rounds, each compared with itself. */
function timeRatio(
  run: Run,
  crossing: TargetCrossing | undefined,
  baseline: Run,
  ofBaseline: TargetCrossing | undefined,
): number | null {
  if (run.timed === undefined || baseline.timed === undefined) {
    return ratio(comparableSeconds(run, crossing), comparableSeconds(baseline, ofBaseline));
  }
  const steps = ratio(crossing?.steps, ofBaseline?.steps);
  return steps === null ? null : steps * stepRatio(run.timed, baseline.timed).value;
}

function comparableSeconds(run: Run, crossing: TargetCrossing | undefined): number | undefined {
  return sharedMachine(run) && run.timed === undefined ? undefined : secondsTo(run, crossing);
}

/** Infinity for a run that did not reach what the baseline reached; unknown when the baseline gives no measure. */
function ratio(value: number | undefined, baseline: number | undefined): number | null {
  if (value === undefined || baseline === undefined || baseline === Infinity || baseline === 0) return null;
  return value / baseline;
}
