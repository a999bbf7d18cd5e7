import { plainStepRatio, stepRatio } from '../../analysis/over-baseline.js';
import { ratioText } from '../../format.js';
import { timeRatioText } from './time-ratio-text.js';
import { usualRows } from '../../analysis/timed-settings.js';
import type { Analysis } from '../../analysis/analysis.js';

/** What step times say in a sentence, of SOAP where it was timed, else of the first that is not the baseline. */
export function stepTimeHeadline({ study: { stepTimes, baseline } }: Pick<Analysis, 'study'>): string {
  const others = usualRows(stepTimes, baseline).filter(({ row }) => row.label !== baseline);
  const chosen = others.find(({ row }) => row.optimizer === 'soap') ?? others[0];
  if (chosen === undefined) return 'Steps were timed; there is no other optimizer to compare with the baseline.';
  const { row, base } = chosen;
  const every = row.precondition_frequency;
  const plain = plainStepRatio(row, base).value;
  const often = Number.isNaN(every)
    ? ''
    : every === 1
      ? ' at a refresh every step'
      : ` at a refresh every ${every} steps`;
  const without = every > 1 && !Number.isNaN(plain) ? `, ${ratioText(plain)} without refreshes` : '';
  return `A step of ${row.label} takes ${timeRatioText(stepRatio(row, base))} ${baseline}’s${often}${without}.`;
}
