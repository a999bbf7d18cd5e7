import type { Choice } from '../../config/sweep/expand.js';
import { settingText } from '../../config/setting-text.js';
import { groupBy } from '../../group-by.js';
import { mean } from '../../statistics/mean.js';
import { stepMsMean } from '../step-times.js';
import { sharedMachine } from '../comparison.js';
import { finalLoss } from '../../results/final-loss.js';
import type { Run } from '../../results/read-run.js';
import { hasEnded, type RunStatus } from '../../results/status.js';
import type { Study, StudyRun } from '../../results/study.js';
import type { EvaluationRow } from '../../train/rows.js';

/** A training to the end of its budget. */
export interface BudgetRun {
  readonly seed: number;
  /** The last validation loss, infinite when it diverged. */
  readonly loss: number;
  /** Training time of a step, refreshes spread over the steps they serve; null when it was too short to say. */
  readonly step_ms: number | null;
  /** That of every round in which it was measured apart; none where it was not. */
  readonly rounds_ms: readonly number[];
  /** Training and evaluation, seconds. */
  readonly elapsed_s: number;
  readonly evaluations: readonly EvaluationRow[];
}

/** A length of training, with the best setting's runs. */
export interface Budget {
  readonly steps: number;
  readonly runs: readonly BudgetRun[];
}

/** An optimizer's trainings of several lengths, each with warm-up and decay of its own. */
export interface BudgetCurve {
  /** `soap`, `soap precondition_frequency=10`. */
  readonly title: string;
  /** The label among the experiment's optimizers. */
  readonly label: string;
  /** The shortest first. */
  readonly budgets: readonly Budget[];
}

/** Curves that can be compared: they agree in everything but optimizer and length. */
export interface BudgetGroup {
  /** What sets the group apart from others: `train.batch_tokens=4096`; empty when there is one group. */
  readonly title: string;
  readonly batch_tokens: number;
  readonly curves: readonly BudgetCurve[];
}

/** The mean final loss of the longest runs of a curve. */
export function longestLoss({ budgets }: BudgetCurve): number {
  return mean(budgets.at(-1)!.runs.map(({ loss }) => loss));
}

/**
 * The groups of a sweep in which trainings have several lengths. At every length the learning rate counts that came to the
 * lowest mean loss, among those with the most seeds: each budget is tuned for itself, as the paper does.
 * Trainings that have not come to their end do not take part.
 */
export function budgetGroups({ runs }: Study): BudgetGroup[] {
  // What stopped at its target has not come to the end of its budget.
  const isComplete = ({ state }: RunStatus) => hasEnded({ state }) && state !== 'stopped_at_target';
  const ended = runs.filter(({ run }) => run.status !== undefined && isComplete(run.status));
  const groups = groupBy(ended, ({ choices }) => textOf(choices.filter(isShared)));
  return [...groups]
    .map(([title, members]) => {
      return { title, batch_tokens: members[0]!.config.train.batch_tokens, curves: curvesOf(members) };
    })
    .filter(({ curves }) => curves.some(({ budgets }) => budgets.length > 1));
}

function curvesOf(members: readonly StudyRun[]): BudgetCurve[] {
  const curves = groupBy(members, ({ optimizer, choices }) =>
    settingText(
      optimizer,
      choices.filter((choice) => isOwn(choice) && !isLearningRate(choice)),
    ),
  );
  return [...curves].map(([title, ofCurve]) => {
    const lengths = groupBy(ofCurve, ({ config }) => config.train.steps);
    const budgets = [...lengths].map(([steps, ofLength]) => ({ steps, runs: bestSetting(ofLength) }));
    return { title, label: ofCurve[0]!.optimizer, budgets: budgets.toSorted((a, b) => a.steps - b.steps) };
  });
}

function bestSetting(runs: readonly StudyRun[]): BudgetRun[] {
  const settings = [...groupBy(runs, ({ choices }) => textOf(choices)).values()];
  const measured = settings.map((setting) => setting.map(budgetRun));
  const most = Math.max(...measured.map(({ length }) => length));
  const lossOf = (setting: readonly BudgetRun[]) => mean(setting.map(({ loss }) => loss));
  const complete = measured.filter(({ length }) => length === most);
  return complete.reduce((one, other) => (lossOf(other) < lossOf(one) ? other : one));
}

function budgetRun({ seed, config, run }: StudyRun): BudgetRun {
  const period = config.options.precondition_frequency;
  return {
    seed,
    loss: finalLoss(run)!,
    ...timesOf(run, typeof period === 'number' ? period : 1),
  };
}

/** What went by in a run beside which others were trained is no measure; its step time may have been measured apart. */
function timesOf(run: Run, period: number): Pick<BudgetRun, 'step_ms' | 'rounds_ms' | 'elapsed_s' | 'evaluations'> {
  const { metrics, evaluations, timed } = run;
  const step_ms = timed?.step_ms_mean ?? null;
  const rounds_ms = timed?.round_ms ?? [];
  if (sharedMachine(run)) {
    return {
      step_ms,
      rounds_ms,
      elapsed_s: NaN,
      evaluations: evaluations.map((row) => ({ ...row, train_time_s: NaN })),
    };
  }
  const last = evaluations.at(-1);
  const elapsed_s = last === undefined ? 0 : last.train_time_s + last.eval_time_s;
  return { step_ms: step_ms ?? stepMsMean(metrics, period), rounds_ms, elapsed_s, evaluations };
}

function isOwn({ key }: Choice): boolean {
  return key.startsWith('optimizers.');
}

function isLearningRate({ key }: Choice): boolean {
  return key.endsWith('.lr');
}

/** Whether a choice concerns all optimizers and is no part of the length of training. */
function isShared({ key }: Choice): boolean {
  const ofLength = /^(budgets?$|train\.(steps|eval_every|log_every|checkpoint_every|schedule)($|\.))/;
  return !key.startsWith('optimizers.') && !ofLength.test(key);
}

function textOf(choices: readonly Choice[]): string {
  return choices
    .map(({ key, value }) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
}
