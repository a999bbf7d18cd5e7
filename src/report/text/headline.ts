import { countText, lossText, ratioText, timeText } from '../../format.js';
import { hasTimes, type Comparison, type SummaryRow } from '../../analysis/comparison.js';

// Every optimizer of an experiment is trained once, with the experiment's seed; the reader has to know.
const seeds = '(1 seed)';

/** The result of an experiment in a sentence or two, also when there is none to be proud of. */
export function headline(summary: Comparison): string {
  const pending = summary.rows.some(({ state }) => state === 'running' || state === 'not_started');
  return pending ? `So far: ${result(summary)}` : result(summary);
}

/** `adamw's final loss (4.812)`, `a validation loss of 4.2` */
export function targetText({ target, target_is, baseline }: Comparison): string {
  if (target_is === 'number') return `a validation loss of ${target}`;
  return `${baseline}'s final loss${target === null ? '' : ` (${lossText(target)})`}`;
}

function result(summary: Comparison): string {
  const { rows, baseline, target, target_unknown } = summary;
  const others = rows.filter(({ label }) => label !== baseline);
  const base = rows.find(({ label }) => label === baseline)!;
  if (target === null) {
    return `No target to compare at: ${target_unknown}. \`soap-bench compare DIR --target LOSS\` takes another.`;
  }
  if (rows.some(({ steps_to_target }) => steps_to_target === 0)) return metAtStart(targetText(summary));
  if (others.length === 0) return alone(base, summary);
  const first = lowest(others, ({ steps_to_target }) => steps_to_target);
  if (first === undefined) return nobody(others, base, summary);
  if (first.steps_ratio === null) return baselineMissed(first, summary);
  return compared(first, first.steps_ratio, first.time_ratio, others, summary);
}

/** Nobody needs an iteration for it, so that it tells nothing of an optimizer. */
export function metAtStart(target: string): string {
  return `The untrained model is at ${target} already, so nothing can be compared there. Take a lower target: \`--target LOSS\` of \`soap-bench compare\`, or \`target=LOSS\` of \`soap-bench run\`.`;
}

function compared(
  first: SummaryRow,
  steps: number,
  time: number | null,
  others: SummaryRow[],
  summary: Comparison,
): string {
  const { baseline, target_is } = summary;
  const than = target_is === 'number' ? ` of ${baseline}` : '';
  // What rounds to 1.00× is no difference.
  if (steps >= 0.995) {
    return (
      `No optimizer reached ${targetText(summary)} in fewer iterations than ${baseline}; ${first.label} came closest: ` +
      `${ratioText(steps)} the iterations${time === null ? '' : `, ${ratioText(time)} the training time`} ${seeds}.`
    );
  }
  const reached = `${first.label} reached ${targetText(summary)} in ${ratioText(steps)} the iterations`;
  if (time === null) return `${reached}${than} ${seeds}.`;
  const conjunction = time < 0.995 ? 'and' : 'but';
  const sentence = `${reached} ${conjunction} ${ratioText(time)} the training time${than} ${seeds}.`;
  const fastest = lowest(others, ({ time_ratio }) => time_ratio);
  if (fastest === undefined || fastest === first) return sentence;
  return `${sentence} ${fastest.label} was faster in training time: ${ratioText(fastest.time_ratio!)}.`;
}

function alone({ label, steps_to_target, final_loss }: SummaryRow, summary: Comparison): string {
  const outcome =
    summary.target_is === 'baseline_final'
      ? `${label} ended at a validation loss of ${lossText(final_loss!)}`
      : steps_to_target === Infinity
        ? `${label} did not reach ${targetText(summary)}`
        : `${label} reached ${targetText(summary)} after ${countText(steps_to_target!)} iterations`;
  return `${outcome} ${seeds}; there is no other optimizer to compare it with.`;
}

function nobody(others: SummaryRow[], base: SummaryRow, summary: Comparison): string {
  const baseReached = base.reached === true;
  const who = baseReached ? `No other optimizer than ${base.label}` : 'No optimizer';
  const subject = summary.target_is === 'baseline_final' ? 'No other optimizer' : who;
  const candidates = baseReached ? others : [base, ...others];
  const closest = lowest(candidates, ({ best_loss, state }) => (state === 'diverged' ? null : best_loss));
  const end = closest === undefined ? '' : `; ${closest.label} came closest with ${lossText(closest.best_loss!)}`;
  return `${subject} reached ${targetText(summary)} in ${countText(summary.steps)} iterations${end} ${seeds}.`;
}

function baselineMissed(row: SummaryRow, summary: Comparison): string {
  const { label, steps_to_target, train_time_to_target_s } = row;
  const time = !hasTimes(row) ? '' : ` and ${timeText(train_time_to_target_s!)} of training`;
  return `${label} reached ${targetText(summary)} after ${countText(steps_to_target!)} iterations${time}; the baseline ${summary.baseline} did not reach it ${seeds}.`;
}

/** The row with the lowest finite value. */
function lowest(
  rows: readonly SummaryRow[],
  value: (row: SummaryRow) => number | null | undefined,
): SummaryRow | undefined {
  const measure = (row: SummaryRow) => value(row) ?? Infinity;
  return rows.filter((row) => measure(row) < Infinity).toSorted((a, b) => measure(a) - measure(b))[0];
}
